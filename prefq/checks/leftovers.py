"""Checks on what machines leave in texts: markers, tokens, broken encodings, markup."""

import polars as pl

from prefq.checks import Expression, check
from prefq.patterns import any_of, candidates, found, prose, unless

ROLE_MARKER = (
    r"(?m)^[ \t]*(?:#{2,3} ?|\*{1,2})?(?:Human|HUMAN|Assistant|ASSISTANT) ?:(?:[ \t*]|$)"
    r"|^#{2,3} ?(?:Instruction|Response|Input|User|System) ?:|^User ?:[ \t]*(?:\n\n?)?[^\s{\[-]"
)
"""A bare "User:" above an indented block is a key of a data file, not a speaker."""
_DIALOGUE = (
    r"(?i)dialog|conversation|\bchat|transcript|interview|script\b|screenplay|role[- ]?play|exchange between"
    r"|talk(?:ing|s)? between|prompt|few-shot|\b(?:Human|User|Assistant) ?:"
)

MOJIBAKE = any_of(
    r"Ã[\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]",
    r"Â[\x{A0}-\x{BF}]",
    r"â€[\x{80}-\x{9F}™œ“”˜¦¢\x{A0}]",
    r"â\x{80}[\x{80}-\x{BF}]|ï»¿|ðŸ|\x{FFFD}",
    r"[åäæçèé][\x{80}-\x{BF}]{2}[åäæçèé][\x{80}-\x{BF}]",
)
_BROKEN_SIGNS = ("Ã", "Â", "â€", "â\x80", "ï»¿", "ðŸ", "\ufffd", "å", "æ", "ç", "è", "é", "ä")

CONTROL = (
    r"[\x{00}-\x{08}\x{0B}\x{0E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}\x{202A}-\x{202E}\x{2066}-\x{2069}"
    r"\x{FFF9}-\x{FFFB}\x{E000}-\x{F8FF}]"
)

SPECIAL_TOKENS = any_of(
    r"<\|(?:endoftext|im_start|im_end|im_sep|eot_id|eom_id|start_header_id|end_header_id|begin_of_text|end_of_text)\|>",
    r"<\|(?:startoftext|fim_\w+|endofprompt|end|user|assistant|system|pad|sep|eos|bos)\|>|<｜[^｜\n]{1,40}｜>",
    r"</s>|\A\s*<s>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<(?:pad|eos|bos|unk)>|\[(?:PAD|EOS|UNK)\]|<0x[0-9A-F]{2}>",
)
_TOKEN_SIGNS = (
    *("<|", "<｜", "</s>", "<s>", "INST]", "SYS>>", "_of_turn>", "<pad>", "<eos>", "<bos>", "<unk>", "<0x"),
    *("[PAD]", "[EOS]", "[UNK]"),
)
_TOKENS_ASKED = r"(?i)token|transformer|chat template|\bhtml|<s>|</s>|prompt format|\bllama|language model|\bNLP\b|<\|"

_TAGS = (
    "p|div|span|b|i|u|ul|ol|li|strong|em|table|tr|td|th|h[1-6]|a|img|font|center|blockquote|section|article"
    "|script|style|body|html|head"
)
HTML = rf"(?i)</?(?:{_TAGS})(?:\s+[a-z-]+=[^<>]*)?/?>|&(?:nbsp|amp|lt|gt|quot|apos|#\d{{2,5}}|#x[0-9a-f]{{2,5}});"
LINE_BREAK = "(?i)<br ?/?>"
_HTML_SIGNS = (
    *("</", "/>", "<br", "<p", "<div", "<span", "<li", "<ul", "<ol", "<img", "<a ", "<b", "<h"),
    *("&nbsp", "&amp", "&lt", "&gt", "&quot", "&apos", "&#"),
)
_MARKUP_ASKED = (
    r"(?i)html|\bcss\b|\bxml|web ?(?:page|site|app)|markup|\btags?\b|javascript|\bjs\b|react|\bvue|angular|\bjsx|svg"
    r"|\bphp\b|django|flask|template|browser|\burl|\bcode\b|<[a-z]+[^>]*>|&[a-z]+;|front-?end|framework|xpath|scrap(?:er|ing)"
    r"|beautifulsoup|wordpress|e-?mail signature|epub|selector"
)


def _matched(*, in_prose: bool = False, more: str = "") -> Expression:
    def evidence(pattern: str, **_: object) -> pl.Expr:
        text = pl.col("answer")
        return found(prose(text) if in_prose else text, f"{pattern}|{more}" if more else pattern)

    return evidence


@check(needs=("answer", "question"), evidence=_matched(), subject="answer")
def role_marker(pattern: str = ROLE_MARKER) -> pl.Expr:
    """A line of an answer opens with a speaker's name such as "Human:", as if the conversation went on inside it."""
    signs = ("Human", "HUMAN", "Assistant", "ASSISTANT", "User", "##")
    marked = candidates(pl.col("answer"), *signs).str.contains(pattern)
    return unless(marked, pl.col("question"), _DIALOGUE)


@check(needs=("answer", "conversation"), evidence=_matched(), subject="answer")
def mojibake(pattern: str = MOJIBAKE) -> pl.Expr:
    """An answer holds characters that come of a wrong decoding, such as "â€™" for an apostrophe."""
    broken = candidates(pl.col("answer"), *_BROKEN_SIGNS).str.contains(pattern)
    return unless(broken, pl.col("conversation"), pattern)


@check(needs=("answer", "conversation"), evidence=_matched(), subject="answer")
def control_characters(pattern: str = CONTROL) -> pl.Expr:
    """An answer holds characters that control a device or the direction of text, or are of private use."""
    return unless(pl.col("answer").str.contains(pattern), pl.col("conversation"), pattern)


@check(needs=("answer", "conversation"), evidence=_matched(in_prose=True), subject="answer")
def special_tokens(pattern: str = SPECIAL_TOKENS) -> pl.Expr:
    """An answer holds special tokens of a model or its chat template, outside code and unasked for."""
    held = prose(candidates(pl.col("answer"), *_TOKEN_SIGNS)).str.contains(pattern)
    return unless(held, pl.col("conversation"), _TOKENS_ASKED)


@check(
    needs=("answer", "conversation", "table_bars"), evidence=_matched(in_prose=True, more=LINE_BREAK), subject="answer"
)
def html_leftover(pattern: str = HTML) -> pl.Expr:
    """An answer holds HTML tags or entities, outside code and though the prompt is not about markup."""
    held = prose(candidates(pl.col("answer"), *_HTML_SIGNS))
    # In the cells of a Markdown table, <br> is the only way to break a line.
    breaks = held.str.contains(LINE_BREAK) & (pl.col("table_bars") == 0)
    return unless(held.str.contains(pattern) | breaks, pl.col("conversation"), _MARKUP_ASKED)
