"""Checks on what machines leave in texts: markers, tokens, broken encodings, markup."""

import polars as pl

from prefq.checks import check
from prefq.patterns import candidates, found, prose

ROLE_MARKER = r"(?m)^[ \t]*(?:#{2,3} ?)?(?:Human|Assistant|User|### ?(?:Instruction|Response|Input))(?: ?:)(?:[ \t]|\*|$)"
_DIALOGUE = (
    r"(?i)dialog|conversation|\bchat|transcript|interview|script\b|screenplay|role[- ]?play|exchange between|talk(?:ing)? (?:to|with|between)"
    r"|prompt|few-shot|\b(?:Human|User|Assistant) ?:"
)
MOJIBAKE = (
    r"Ã[\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Â[\x{A0}-\x{BF}]|â€[\x{80}-\x{9F}™œ\x{9D}“”˜¦¢\x{A0}]|ï»¿|ðŸ|\x{FFFD}"
    r"|[åäæçèé][\x{80}-\x{BF}][\x{80}-\x{BF}][åäæçèé][\x{80}-\x{BF}]"
)
CONTROL = r"[\x{00}-\x{08}\x{0B}\x{0E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}\x{202A}-\x{202E}\x{2066}-\x{2069}\x{FFF9}-\x{FFFB}\x{E000}-\x{F8FF}]"
SPECIAL_TOKENS = (
    r"<\|(?:endoftext|im_start|im_end|im_sep|eot_id|eom_id|start_header_id|end_header_id|begin_of_text|end_of_text|startoftext|fim_\w+|endofprompt"
    r"|end|user|assistant|system|pad|sep|eos|bos)\|>|<｜[^｜\n]{1,40}｜>|</s>|<s>\s*\[INST\]|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<(?:pad|eos|bos|unk)>|\[(?:PAD|EOS|UNK)\]|<0x[0-9A-F]{2}>"
)
_TOKENS_ASKED = r"(?i)token|transformer|tokeni[sz]|chat template|\bhtml|<s>|</s>|prompt format|\bllama|language model|\bNLP\b"
HTML = (
    r"(?i)</?(?:p|div|span|b|i|u|ul|ol|li|strong|em|table|tr|td|th|h[1-6]|a|img|font|center|blockquote|section|article|script|style|body|html|head)(?:\s+[a-z-]+=[^<>]*)?/?>"
    r"|&(?:nbsp|amp|lt|gt|quot|apos|#\d{2,5}|#x[0-9a-f]{2,5});"
)
_MARKUP_ASKED = (
    r"(?i)html|\bcss\b|\bxml|web ?(?:page|site|app)|markup|\btags?\b|javascript|\bjs\b|react|\bvue|angular|\bjsx|svg|\bphp\b|django|flask|template|browser|\burl|\bcode\b"
    r"|<[a-z]+[^>]*>|&[a-z]+;|front-?end|xpath|scrap|beautifulsoup|wordpress|email signature|epub|selector"
)


def _leftover(column: str = "answer", **parameters: str) -> pl.Expr:
    return found(pl.col(column), parameters["pattern"])


def _in_prose(pattern: str, **_: object) -> pl.Expr:
    return found(prose(pl.col("answer")), pattern)


def _in_answer(pattern: str, **_: object) -> pl.Expr:
    return found(pl.col("answer"), pattern)


@check(needs=("answer", "conversation"), evidence=_in_answer, subject="answer")
def role_marker(pattern: str = ROLE_MARKER) -> pl.Expr:
    """A line of an answer opens with a speaker's name such as "Human:", as if the conversation went on inside it."""
    marked = candidates(pl.col("answer"), "Human", "Assistant", "User", "### ").str.contains(pattern)
    return marked.fill_null(False) & ~pl.col("question").str.contains(_DIALOGUE)


@check(needs=("answer", "conversation"), evidence=_in_answer, subject="answer")
def mojibake(pattern: str = MOJIBAKE) -> pl.Expr:
    """An answer holds characters that come of a wrong decoding, such as "â€™" for an apostrophe."""
    broken = candidates(pl.col("answer"), "Ã", "Â", "â€", "ï»¿", "ðŸ", "\ufffd", "å", "æ", "ç", "è", "é", "ä").str.contains(pattern)
    return broken.fill_null(False) & ~pl.col("conversation").str.contains(pattern)


@check(needs=("answer", "conversation"), evidence=_in_answer, subject="answer")
def control_characters(pattern: str = CONTROL) -> pl.Expr:
    """An answer holds characters that control a device or the direction of text, or are of private use."""
    return pl.col("answer").str.contains(pattern) & ~pl.col("conversation").str.contains(pattern)


@check(needs=("answer", "conversation"), evidence=_in_prose, subject="answer")
def special_tokens(pattern: str = SPECIAL_TOKENS) -> pl.Expr:
    """An answer holds special tokens of a model or its chat template, outside code and unasked for."""
    held = prose(candidates(pl.col("answer"), "<|", "<｜", "</s>", "<s>", "INST]", "SYS>>", "_of_turn>", "<pad>", "<eos>", "<bos>", "<unk>", "<0x", "[PAD]", "[EOS]", "[UNK]"))
    return held.str.contains(pattern).fill_null(False) & ~pl.col("conversation").str.contains(_TOKENS_ASKED)


@check(needs=("answer", "conversation"), evidence=_in_prose, subject="answer")
def html_leftover(pattern: str = HTML) -> pl.Expr:
    """An answer holds HTML tags or entities, outside code and though the prompt is not about markup."""
    held = prose(candidates(pl.col("answer"), "</", "/>", "<p", "<div", "<span", "<li", "<ul", "<img", "<a ", "&nbsp", "&amp", "&lt", "&gt", "&quot", "&apos", "&#"))
    return held.str.contains(pattern).fill_null(False) & ~pl.col("conversation").str.contains(_MARKUP_ASKED)
