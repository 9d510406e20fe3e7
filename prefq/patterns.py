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


def any_of(*patterns: str) -> str:
    """One of several patterns."""
    return f"(?:{'|'.join(patterns)})"


_NOT_ABLE = r"(?:really |just |simply )?(?:not (?:able|going|willing|allowed|permitted|prepared) to|unable to)"
_CANNOT = any_of(
    r"can(?:no|['’])?t",
    r"can not",
    r"won['’]?t",
    r"will not",
    rf"am {_NOT_ABLE}",
    r"(?:do not|don['’]t) (?:want|wish) to",
    r"(?:would|['’]d) (?:rather|prefer) not(?: to)?",
    r"refuse to",
    r"should(?: not|n['’]?t)",
)
_HELP = r"help(?: (?:you|with|them|him|her|someone|anyone|people|to|find|plan|in|there)\b|[.,!;]|\z)"
_SERVE = any_of(
    *(_HELP, "assist", "provide", "give (?:you|out|any|advice|that|this|such|instructions)", "offer", "share"),
    *("supply", "answer", "respond", "comply", "fulfill?", "do (?:that|this|so)", "support", "engage", "participate"),
    *("generate", "write", "produce", "complete", r"create (?:\w+ ){0,3}(?:content|material|that)", "teach"),
    *("show you", "discuss"),
    *(
        "tell you (?:exactly )?(?:that|how|about|where|anything|what)",
        "explain how",
        "condone",
        "facilitate",
        "take part",
    ),
    *("take part", "be (?:part|involved)", r"advise (?:you )?(?:how|on|to|in)\b", "recommend (?:how|any)"),
)
_ADVERB = "(?:really |simply |just |also |do |honestly )?"
_ENGLISH_REFUSALS = (
    rf"\bI {_ADVERB}{_CANNOT} {_ADVERB}(?:even |in good conscience |ethically )?(?:be able to )?{_SERVE}",
    rf"\bI['’]m {_NOT_ABLE} {_SERVE}",
    rf"\bI (?:do not|don['’]t) think (?:that )?I (?:should|can|could) {_SERVE}",
    r"\bI(?:['’]m| am) (?:\w+ )?prohibited from\b",
    r"\bI(?:['’]m| am) (?:really )?not comfortable\b",
    r"\bI (?:do not|don['’]t) feel comfortable\b",
    r"\bI (?:must|have to|will have to|respectfully) (?:respectfully |politely )?(?:decline|refuse)\b",
    r"\bnot within my (?:programming|guidelines|ethical)",
    r"\b(?:goes )?(?:against|violates?) my (?:\w+ )?(?:rules|guidelines|programming|principles|polic(?:y|ies)|ethics)",
    r"\b(?:sorry|apologi[sz]e|unfortunately)\b[^.!?\n]{0,50}\bI (?:do not|don['’]t) have "
    r"(?:access|enough)\b[^.!?\n]{0,100} to (?:provide|answer)\b",
)
_OTHER_REFUSALS = (
    r"\bkann ich [^.!?\n]{0,40}nicht (?:beantworten|helfen|weiterhelfen|behilflich|erfüllen)",
    r"\bich kann [^.!?\n]{0,40}nicht (?:beantworten|helfen|weiterhelfen|behilflich|erfüllen)",
    r"\bje ne (?:peux pas|suis pas en mesure de) (?:vous |t['’]|te |y )?(?:répondre|aider|fournir|donner suite)",
    r"\bno puedo (?:responder|ayudar|proporcionar|cumplir|asistir)",
    r"\bnão posso (?:responder|ajudar|fornecer)|\bnon posso (?:rispondere|aiutar|fornire)",
    r"(?:抱歉|对不起|很遗憾)[^。！？\n]{0,20}(?:不能|无法|不会)(?:提供|协助|帮助|回答|满足|为您|为你)",
    r"我(?:不能|无法)(?:提供|协助|帮助|回答|满足)",
)
REFUSAL = f"(?i){'|'.join((*_ENGLISH_REFUSALS, *_OTHER_REFUSALS))}"
"""A first-person sentence that declines the request. "I'm sorry to hear that" and "I don't know" are no refusals."""
_REFUSING = (
    *("can't", "can’t", "cant ", "cannot", "can not", "won't", "won’t", "wont ", "will not", "unable", "rather not"),
    *("not able", "not going", "not willing", "not allowed", "not permitted", "not prepared", "prefer not"),
    *("refuse to", "n't want", "n’t want", "not want", "not wish", "comfortable", "decline", " my ", "nicht"),
    *("should not", "shouldn", "n't have", "n’t have", "not have", "prohibited"),
    *("n't think", "n’t think", "not think"),
    *("je ne ", "no puedo", "não posso", "non posso", "不能", "无法", "不会"),
)
"""No refusal is without one of these."""

_MODEST = (
    r"(?i)\bI (?:can(?:no|['’])?t|am not able to|am unable to) (?:provide|offer|give|share|express) "
    r"(?:(?:(?:you with|you|any|a|my|with) )?(?:personal|subjective|specific|definitive|exact|real-time)\b"
    r"|(?:any )?(?:advice|recommendations|information|details) (?:on|about) (?:particular|specific|individual)\b)"
    r"|我(?:不能|无法)(?:提供|给出)(?:任何)?(?:主观|具体|实时|个人的?(?:财务|投资|意见|观点|看法|建议))"
)
"""What a model says of its opinions or its exactness before it goes on to answer."""

SURE = (
    r"(?i)\A\W*(?:(?:hello|hi|hey)\b[^.!?\n]{0,20}[.!?,]\W*)?"
    r"(?:sure|certainly|of course|absolutely|definitely|great question|i['’]d be happy to|happy to help)\b"
)
FIRST_PERSON = r"(?-u)\b(?:I|I'm|I've|I'd|I'll|me|my|mine|myself)\b"

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}"
TOKEN = rf"[{_UNSPACED}]|[\p{{L}}\p{{M}}\p{{N}}]+(?:['’]\p{{L}}+)*"
"""A word, or one character of a script that writes without spaces."""


def where(condition: pl.Expr, text: pl.Expr) -> pl.Expr:
    """The text where the condition holds, else an empty one.

    Not null: the engine would search a text behind a null all the same.
    """
    return pl.when(condition).then(text).otherwise(pl.lit(""))


def candidates(text: pl.Expr, *literals: str, any_case: bool = False) -> pl.Expr:
    """The text where it holds one of the literals, else an empty one, in which to search costs nothing."""
    return where(text.str.contains_any(list(literals), ascii_case_insensitive=any_case), text)


def unless(hit: pl.Expr, text: pl.Expr, pattern: str) -> pl.Expr:
    """The hits whose `text` does not match the pattern; only theirs is searched. Never null."""
    hit = hit.fill_null(False)
    return hit & ~where(hit, text).str.contains(pattern).fill_null(False)


def prose(text: pl.Expr) -> pl.Expr:
    """The text without fenced and inline code."""
    return text.str.replace_all(FENCE, " ").str.replace_all(INLINE_CODE, " ")


def tokens(text: pl.Expr) -> pl.Expr:
    """The lower-cased words of a text, in order; characters where a script has no spaces."""
    return text.str.to_lowercase().str.extract_all(TOKEN)


def finished(text: pl.Expr) -> pl.Expr:
    """The text ends like a text that was ended: at a sentence mark. Only its last 40 characters are looked at."""
    return text.str.strip_chars_end().str.tail(40).str.contains(FINISHED)


def opening(text: pl.Expr) -> pl.Expr:
    """The first 250 characters, where an answer says whether it will be one, without modest remarks on opinions."""
    return text.str.head(250).str.replace_all(_MODEST, "")


def refuses(text: pl.Expr, pattern: str = REFUSAL) -> pl.Expr:
    """The text opens with a refusal, and not with "Sure"."""
    head = opening(text)
    likely = candidates(head, *_REFUSING, any_case=True) if pattern == REFUSAL else head
    return (likely.str.contains(pattern) & ~likely.str.contains(SURE)).fill_null(False)


def found(text: pl.Expr, pattern: str, around: int = 40) -> pl.Expr:
    """Evidence of a match: a struct of `match` and `context` (the match and up to `around` characters beside it)."""
    context = text.str.extract(rf"(?s)(.{{0,{around}}}(?:{pattern}).{{0,{around}}})", 1)
    return pl.struct(match=text.str.extract(rf"({pattern})", 1).str.head(200), context=context.str.head(400))
