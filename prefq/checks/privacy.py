"""Checks on data that should not be shared."""

import polars as pl

from prefq.checks import check
from prefq.patterns import any_of, candidates, unless, where

# ASCII classes and boundaries throughout: they keep the regex engine on its fast path where texts hold other letters.
EMAIL = r"(?-u)[A-Za-z0-9][A-Za-z0-9._%+-]+@[A-Za-z0-9-]{2,}(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,10}"
_BEFORE, _AFTER = r"(?:^|[\s(:>])", r"(?:[\s),.;<]|$)"
PHONE = "(?m-u)" + any_of(
    rf"{_BEFORE}(?:\+?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])[2-9]\d\d[ .-]\d{{4}}{_AFTER}",
    rf"{_BEFORE}\+[2-9]\d{{0,2}}[ .-]\(?\d{{1,4}}\)?(?:[ .-]\d{{2,4}}){{2,6}}{_AFTER}",
    rf"{_BEFORE}\+1 \(?[2-9]\d\d\)? [2-9]\d\d[ -]\d{{4}}",
)
KEY = "(?-u)" + any_of(
    r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{40,}",
    r"\bAIza[0-9A-Za-z_-]{35}|\bxox[abpr]-[0-9A-Za-z-]{20,}|\bhf_[A-Za-z]{30,}",
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    r"(?i:api[_-]?key|api[_-]?token|access[_-]?token|secret[_-]?key)\s*[:=]\s*[\x22\x27][A-Za-z0-9_-]{24,}[\x22\x27]",
)
_KEY_SIGNS = (
    *("sk-", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "AIza", "xox", "hf_", "eyJ"),
    *("PRIVATE KEY-----", "api_key", "api-key", "apikey", "api_token", "access_token", "secret_key"),
)

_SAMPLE_DOMAINS = (
    "example|test|domain|yourdomain|mydomain|company|yourcompany|companyname|website|yourwebsite|email|mail|abc|xyz|acme"
    "|sample|host|server"
)
_OFFICES = (
    "info|support|contact|sales|admin|help|hello|service|customer[._-]?(?:service|support|care)|office|no-?reply|press"
    "|media|hr|jobs|careers"
)
_SAMPLE_NAMES = (
    "user(?:[._-]?name)?|name|your[._-]?(?:name|email)|first[._-]?(?:name)?[._-]?last[._-]?(?:name)?|someone"
    r"|john[._-]?(?:doe|smith)|jane[._-]?(?:doe|smith)|jdoe|jsmith|test\w*|me|you|git|abc|xyz"
)
_NO_PERSON = "(?i-u)" + any_of(
    rf"@(?:[a-z0-9-]+\.)*(?:{_SAMPLE_DOMAINS})\.[a-z]+$",
    r"\.(?:example|test|invalid|local|localhost)$",
    rf"^(?:{_OFFICES}|{_SAMPLE_NAMES})\d*@",
)
"""Placeholders and the addresses of offices."""

_NO_LINE = "(?-u)" + any_of(
    rf"{_BEFORE}(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]*\d{{3}}[ .-]\d{{4}}",
    r"555[ .-]\d{4}|\(?555\)?[ .-]*\d{3}[ .-]\d{4}",
    r"234\)?[ .-]*567[ .-]8|345\)?[ .-]*678[ .-]9",
)
"""Free-call numbers (hotlines), numbers reserved for fiction, and digits counted up."""

_NO_KEY = "(?-u)EXAMPLE|[Xx]{4}|your|YOUR|1234567"
_MADE_UP = (
    r"(?i)regular expression|\bregex|validat|template|fictional|fictitious|sample|dummy|fake|placeholder|made[- ]up"
    r"|mock|signature|invent"
)
"""Requests for which an address is made up."""


def _others(matches: pl.Expr, harmless: str) -> pl.Expr:
    return matches.list.eval(pl.element().filter(~pl.element().str.contains(harmless)))


def _emails(pattern: str) -> pl.Expr:
    return _others(candidates(pl.col("answer"), "@").str.extract_all(pattern), _NO_PERSON)


def _phones(pattern: str) -> pl.Expr:
    numbers = where(pl.col("answer").str.contains(r"(?-u)\d{2}[ .-]\d{2}"), pl.col("answer"))
    return _others(numbers.str.extract_all(pattern), _NO_LINE)


def _keys(pattern: str) -> pl.Expr:
    return _others(candidates(pl.col("answer"), *_KEY_SIGNS, any_case=True).str.extract_all(pattern), _NO_KEY)


def _personal(email: str, phone: str, key: str) -> pl.Expr:
    # Enough to find it, not to use it: the report is passed around more freely than the data.
    found = {"e-mail": _emails(email), "phone": _phones(phone), "key": _keys(key)}
    first = {kind: matches.list.first().str.strip_chars() for kind, matches in found.items()}
    kind = pl.coalesce(pl.when(match.is_not_null()).then(pl.lit(name)) for name, match in first.items())
    return pl.struct(kind=kind, match=pl.coalesce(*first.values()).str.head(6) + "…")


@check(needs=("answer", "question"), evidence=_personal, subject="answer")
def pii(email: str = EMAIL, phone: str = PHONE, key: str = KEY) -> pl.Expr:
    """An answer holds an e-mail address, a telephone number or a secret key that may be somebody's."""
    found = (_emails(email), _phones(phone), _keys(key))
    address, number, secret = ((matches.list.len() > 0).fill_null(False) for matches in found)
    return unless(address | number, pl.col("question"), _MADE_UP) | secret
