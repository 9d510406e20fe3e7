"""What texts look like from outside: openings, endings, sentence marks, code. Shared by features and checks.

Patterns are for Rust's regex engine (no look-around). Functions give Polars expressions.
"""

import polars as pl

FENCE = r"(?s)```.*?(?:```|\z)|~~~.*?(?:~~~|\z)"
INLINE_CODE = r"`[^`\n]+`"

SENTENCE_END = r"[.!?…。！？।؟۔]"
_CLOSERS = r"""[\s*_"'”’»›」』）)\]}>`]*"""
FINISHED = rf"(?:{SENTENCE_END}|[:;：；]){_CLOSERS}\z"
"""A sentence mark at the very end, perhaps inside closing quotes, brackets or emphasis."""

_CANNOT = (
    r"(?:can(?:no|['’])?t|can not|won['’]?t|will not|(?:am|['’]m) (?:really |just )?not (?:able|going|willing|allowed|permitted|prepared) to"
    r"|(?:am|['’]m) unable to|(?:do not|don['’]t) (?:want|wish) to|(?:would|['’]d) (?:rather|prefer) not(?: to)?|refuse to)"
)
_SERVE = (
    r"(?:help(?: (?:you|with|them|him|her|someone|anyone|people|to|find|plan|in|there)\b|[.,!;]|\z)|assist|provide|give (?:you|out|any|advice|that|this|such|instructions)"
    r"|offer|share|supply|answer|respond|comply|fulfill?|do (?:that|this|so)|support|engage|participate|generate|write|produce|complete|create (?:\w+ ){0,3}(?:content|material|that)"
    r"|tell you (?:that|how|about|where|anything|what)|teach|show you|explain how|discuss|condone|facilitate|be (?:part|involved)|take part|advise you (?:how|on|to))"
)
REFUSAL = (
    rf"(?i)\bI (?:really |simply |just |also |do |honestly )?{_CANNOT} (?:really |simply |just |even |in good conscience |ethically |be able to )?{_SERVE}"
    rf"|\bI['’]m (?:really |simply |just )?(?:not (?:able|going|willing|allowed|permitted|prepared) to|unable to) {_SERVE}"
    r"|\bI(?:['’]m| am) (?:really )?not comfortable\b|\bI (?:do not|don['’]t) feel comfortable\b"
    r"|\bI (?:must|have to|will have to|respectfully) (?:respectfully |politely )?(?:decline|refuse)\b"
    r"|\bnot within my (?:programming|guidelines|ethical)|\b(?:against|violates?|goes against) my (?:\w+ )?(?:rules|guidelines|programming|principles|policy|policies|ethics)"
    r"|(?:抱歉|对不起|很遗憾)[^。！？\n]{0,20}(?:不能|无法|不会)(?:提供|协助|帮助|回答|满足|为您|为你)|我(?:不能|无法)(?:提供|协助|帮助|回答|满足)"
)
"""A first-person sentence that declines the request. "I'm sorry to hear that" and "I don't know" are no refusals."""

_MODEST = (
    r"(?i)\bI (?:can(?:no|['’])?t|am not able to|am unable to) (?:provide|offer|give|share|express) (?:(?:you with|you|any|a|my|with) )?"
    r"(?:personal|subjective|specific|definitive|exact|real-time)\b"
)
"""What a model says of its opinions or its exactness before it goes on to answer."""

SURE = r"(?i)\A\W*(?:sure|certainly|of course|absolutely|definitely|great question|i['’]d be happy to|happy to help)\b"
FIRST_PERSON = r"\b(?:I|I'm|I’m|I've|I'd|I'll|me|my|mine|myself)\b"

_CJK = r"\p{Han}\p{Hiragana}\p{Katakana}"
TOKEN = rf"[{_CJK}]|[\p{{L}}\p{{M}}\p{{N}}]+(?:['’][\p{{L}}]+)*"
"""A word, or one character of a script that writes without spaces."""


def candidates(text: pl.Expr, *literals: str, any_case: bool = False) -> pl.Expr:
    """The text where it holds one of the literals, else null: string functions skip nulls, so what follows is cheap."""
    return pl.when(text.str.contains_any(list(literals), ascii_case_insensitive=any_case)).then(text)


def prose(text: pl.Expr) -> pl.Expr:
    """The text without fenced and inline code."""
    return text.str.replace_all(FENCE, " ").str.replace_all(INLINE_CODE, " ")


def tokens(text: pl.Expr) -> pl.Expr:
    """The lower-cased words of a text, in order; characters where a script has no spaces."""
    return text.str.to_lowercase().str.extract_all(TOKEN)


def finished(text: pl.Expr) -> pl.Expr:
    """The text ends like a text that was ended: at a sentence mark. Only its last 40 characters are looked at."""
    return text.str.strip_chars_end().str.tail(40).str.contains(FINISHED)


def found(text: pl.Expr, pattern: str, around: int = 40) -> pl.Expr:
    """Evidence of a match: a struct of `match` and `context` (the match and up to `around` characters beside it)."""
    context = text.str.extract(rf"(?s)(.{{0,{around}}}(?:{pattern}).{{0,{around}}})", 1)
    return pl.struct(match=text.str.extract(rf"({pattern})", 1).str.head(200), context=context.str.head(400))


def opening(text: pl.Expr) -> pl.Expr:
    """The first 250 characters, where an answer says whether it will be one, without modest remarks on opinions."""
    return text.str.head(250).str.replace_all(_MODEST, "")


def refuses(text: pl.Expr, pattern: str = REFUSAL) -> pl.Expr:
    """The text opens with a refusal."""
    return opening(text).str.contains(pattern)
