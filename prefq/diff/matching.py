"""Which judgement of the old side is which of the new one: by pair, then by who said what.

A pair may be judged many times, by several annotators and in both orders. Its judgements are compared as multisets:
equal ones cancel out first, then those that still share the most.
"""

import polars as pl

PASSES = (
    ("key", "outcome", "annotator", "margin", "split", "status"),
    ("key", "outcome", "annotator"),
    ("key", "annotator"),
    ("key", "outcome"),
    ("key",),
)
"""What two judgements of a pair must share, strictest first. An annotator who changed their mind is met before two
annotators who agree."""
ORDER = ("outcome", "annotator", "margin", "split", "status", "row_id", "at")


def equal_rows(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """`old`, `new` (positions): rows that say the same of the same pair, each used once."""
    return paired(old.select("at", "key", "content"), new.select("at", "key", "content"), ("key", "content"))


def matched(old: pl.DataFrame, new: pl.DataFrame, *also: str) -> pl.DataFrame:
    """`old`, `new` (positions): the other judgements of pairs that both sides have, each used once.

    `also`: columns that two judgements must share whatever else they do.
    """
    found = []
    old, new = old.sort(ORDER), new.sort(ORDER)
    for shared in PASSES:
        pairs = paired(old, new, (*shared, *also))
        old, new = without(old, pairs["old"]), without(new, pairs["new"])
        found.append(pairs)
    return pl.concat(found)


def without(frame: pl.DataFrame, positions: pl.Series) -> pl.DataFrame:
    """The rows that are at none of these positions."""
    return frame.join(positions.rename("at").to_frame(), on="at", how="anti", maintain_order="left")


def paired(old: pl.DataFrame, new: pl.DataFrame, shared: tuple[str, ...]) -> pl.DataFrame:
    """The first row with some values in `shared` with the first, the second with the second, and so on."""
    on = list(shared)
    if old["key"].is_unique().all() and new["key"].is_unique().all():
        # One number joins faster than many columns, which then are compared in place.
        both = old.select("at", *on).join(new.select("at", *on), on="key", how="inner")
        both = both.filter(pl.col(name).eq_missing(pl.col(f"{name}_right")) for name in on if name != "key")
    else:
        both = _numbered(old, on).join(_numbered(new, on), on=[*on, "nth"], nulls_equal=True)
    return both.select(old="at", new="at_right")


def _numbered(frame: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    return frame.select("at", *on, nth=pl.int_range(pl.len(), dtype=pl.UInt32).over(on))
