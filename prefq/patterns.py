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
    r"(?:can(?:no|['’])?t|can not|could(?: not|n['’]t)|won['’]?t|will not|wouldn['’]t|would not|(?:am|['’]m) not (?:able|going|willing|allowed|permitted) to"
    r"|(?:am|['’]m) unable to|(?:do not|don['’]t) (?:want|wish) to|refuse to|must (?:decline|refuse) to|have to decline to)"
)
_SERVE = (
    r"(?:help|assist|aid|provide|give|offer|share|supply|answer|respond|comply|fulfil|fulfill|do (?:that|this|so|it)|support|engage|participate|create|generate|write|produce|"
    r"make|compose|tell you|teach|show you|explain how|discuss|advise|recommend|encourage|promote|condone|facilitate|continue|proceed|be (?:able to|part|involved|of)|take part|joke)"
)
REFUSAL = (
    rf"(?i)\bI(?:['’]m sorry,? but I)? (?:really |simply |just |also |would |do )?{_CANNOT} (?:really |simply |just |even |in good conscience |ethically )?{_SERVE}\b"
    rf"|\bI(?:['’]m| am) (?:(?:sorry|afraid),? (?:but )?)?(?:I )?(?:really )?not comfortable\b|\bI (?:do not|don['’]t) feel (?:comfortable|right)\b"
    r"|\bI (?:must|have to) (?:respectfully )?(?:decline|refuse)\b|\bI (?:respectfully )?decline to\b"
    r"|\b(?:my|the) (?:ethical |safety )?(?:guidelines|programming|policies|principles) (?:prevent|prohibit|forbid|do(?:es)? not allow|don['’]t allow)\b"
    r"|\A\s*(?:I['’]m |I am )?(?:very |really |so )?sorry,? (?:but )?(?:I )?(?:can['’]?t|cannot|won['’]t|will not)\b"
    r"|(?:抱歉|对不起|很遗憾)[^。！？\n]{0,20}(?:不能|无法|不会)|我(?:不能|无法)(?:提供|协助|帮助|回答|满足)"
)
"""A first-person sentence that declines the request. "I'm sorry to hear that" and "I don't know" are no refusals."""

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
