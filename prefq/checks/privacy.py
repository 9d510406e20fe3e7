"""Checks on data that should not be shared."""

import polars as pl

from prefq.checks import check
from prefq.patterns import candidates

EMAIL = r"\b[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,10}\b"
_NO_PERSON = (
    r"(?i)\b[a-z0-9._%+-]*@(?:[a-z0-9-]+\.)*(?:example|test|domain|yourdomain|mydomain|company|yourcompany|companyname|website|yourwebsite|email|mail|abc|xyz|acme|sample|host|server)\.[a-z]{2,10}\b"
    r"|\b(?:info|support|contact|sales|admin|help|hello|service|customerservice|customersupport|office|no-?reply|press|media|hr|jobs|careers|user(?:name)?|name|your\.?_?-?(?:name|email)"
    r"|first\.?_?-?(?:name)?\.?last\.?(?:name)?|someone|john\.?_?(?:doe|smith)|jane\.?_?(?:doe|smith)|jdoe|test\w*|me|you|git|abc|xyz)\d*@[a-z0-9.-]+\.[a-z]{2,10}\b"
    r"|\b[a-z0-9._%+-]+@[a-z0-9.-]+\.(?:example|test|invalid|local|localhost)\b"
)
PHONE = (
    r"(?:^|[\s(:>])(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[.-])[2-9]\d{2}[ .-]\d{4}(?:$|[^\d-])"
    r"|(?:^|[\s(:>])\+(?:[2-9]\d{0,2})[ .-]\(?\d{1,4}\)?(?:[ .-]\d{2,4}){2,4}(?:$|[^\d-])"
)
_NO_LINE = r"(?:\b|\()(?:\+?1[ .-]?)?\(?(?:8(?:00|33|44|55|66|77|88))\)?[ .-]+\d{3}[ .-]\d{4}|\(?\d{3}\)?[ .-]*555[ .-]\d{4}|\(?555\)?[ .-]+\d{3}[ .-]\d{4}|\(?234\)?[ .-]567[ .-]8|\b345[ .-]678[ .-]9"
KEY = (
    r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{40,}|\bAIza[0-9A-Za-z_-]{35}"
    r"|\bxox[abpr]-[0-9A-Za-z-]{20,}|\bhf_[A-Za-z]{30,}|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}"
)
_NO_KEY = r"\b\w*(?:EXAMPLE|XXXX|xxxx|your)\w*\b|(?i:your[-_ ]?api[-_ ]?key)"


def _emails() -> pl.Expr:
    return candidates(pl.col("answer"), "@").str.replace_all(_NO_PERSON, "")


def _phones() -> pl.Expr:
    numbers = pl.when(pl.col("answer").str.contains(r"\d{3}[ .-]\d{2,4}")).then(pl.col("answer"))
    return numbers.str.replace_all(_NO_LINE, "")


def _keys() -> pl.Expr:
    held = candidates(pl.col("answer"), "sk-", "AKIA", "ASIA", "gh", "AIza", "xox", "hf_", "PRIVATE KEY-----", "eyJ")
    return held.str.replace_all(_NO_KEY, "")


def _personal(email: str, phone: str, key: str) -> pl.Expr:
    # Enough to find it, not to use it: the report is passed around more freely than the data.
    kinds = {"e-mail": (_emails(), email), "phone": (_phones(), phone), "key": (_keys(), key)}
    first = [(kind, text.str.extract(rf"({pattern})", 1).str.strip_chars()) for kind, (text, pattern) in kinds.items()]
    kind = pl.coalesce(pl.when(match.is_not_null()).then(pl.lit(name)) for name, match in first)
    return pl.struct(kind=kind, match=pl.coalesce(match for _, match in first).str.head(6) + "…")


@check(needs=("answer",), evidence=_personal, subject="answer")
def pii(email: str = EMAIL, phone: str = PHONE, key: str = KEY) -> pl.Expr:
    """An answer holds an e-mail address, a telephone number or a secret key that may be somebody's."""
    held = (_emails().str.contains(email), _phones().str.contains(rf"(?m){phone}"), _keys().str.contains(key))
    return pl.any_horizontal(hit.fill_null(False) for hit in held)
