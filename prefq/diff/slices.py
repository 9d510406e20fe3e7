"""Where the change is: every slice, its size on both sides, and whether more changed in it than elsewhere."""

from statistics import NormalDist

import polars as pl

from prefq.diff.changes import CLASSES
from prefq.diff.narrow import SLICES
from prefq.stats import Z95

MOST = 50
"""Slices of one kind that are told, largest first; annotators and pairs of models can be thousands."""
FEWEST = 5
"""Pairs that must have changed in a slice before change can be said to concentrate there."""
CHANGED = tuple(name for name in CLASSES if name not in ("added", "unchanged"))


def sliced(old: pl.DataFrame, new: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """One row per slice: `by`, `name`, `old`, `new` (pairs), `old_share`, `new_share`, one count per class (NAME).

    A pair is counted in the slice it was in; an added one in the slice it is in now. `changed` are the old pairs that
    are not unchanged, `rate` their share of the slice with `low` and `high`, its Wilson interval; null without old
    pairs. Only ways to slice that tell at least one pair from another on either side; the MOST largest slices of each.
    """
    tables = [_by(name, old, new, changes) for name in SLICES]
    return pl.concat([_EMPTY, *(table for table in tables if table.height > 1)])


_SHARES = dict.fromkeys(("old_share", "new_share"), pl.Float64)
_EMPTY = pl.DataFrame(
    schema={"by": pl.String, "name": pl.String, "old": pl.Int64, "new": pl.Int64, **_SHARES}
    | dict.fromkeys(CLASSES, pl.Int64)
    | {"changed": pl.Int64, "rate": pl.Float64, "low": pl.Float64, "high": pl.Float64}
)


def _by(by: str, old: pl.DataFrame, new: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    sizes = [
        frame.select(name=f"by_{by}")
        .drop_nulls()
        .group_by("name")
        .agg(pl.len().cast(pl.Int64).alias(side))
        .with_columns(pl.col("name").cast(pl.String))
        for side, frame in (("old", old), ("new", new))
    ]
    changed = changes.select("change", name=pl.col("slices").struct.field(by)).drop_nulls()
    counts = changed.group_by("name").agg((pl.col("change") == c).sum().cast(pl.Int64).alias(c) for c in CLASSES)
    table = sizes[0].join(sizes[1], on="name", how="full", coalesce=True).join(counts, on="name", how="left")
    table = table.with_columns(pl.exclude("name").fill_null(0))
    told = table.with_columns(
        by=pl.lit(by),
        old_share=_share("old", old.height),
        new_share=_share("new", new.height),
        changed=pl.sum_horizontal(CHANGED),
    ).with_columns(unchanged=pl.col("old") - pl.col("changed"))
    largest = told.sort(pl.max_horizontal("old", "new"), "name", descending=[True, False]).head(MOST)
    return largest.with_columns(**wilson_expr(pl.col("changed"), pl.col("old"))).select(_EMPTY.columns)


def _share(column: str, whole: int) -> pl.Expr:
    return pl.col(column) / whole if whole else pl.lit(None, pl.Float64)


def wilson_expr(successes: pl.Expr, n: pl.Expr, z: float = Z95) -> dict[str, pl.Expr]:
    """`rate`, `low`, `high` as `prefq.stats.wilson` has them, for whole columns; null where n is 0."""
    whole, z2 = pl.when(n > 0).then(n.cast(pl.Float64)), z * z
    share = successes / whole
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = z / (1 + z2 / whole) * (share * (1 - share) / whole + z2 / (4 * whole * whole)).sqrt()
    return {
        "rate": share,
        "low": pl.max_horizontal(middle - half, pl.when(n > 0).then(0.0)),
        "high": pl.min_horizontal(middle + half, pl.when(n > 0).then(1.0)),
    }


def concentrations(slices: pl.DataFrame, counts: dict[str, int], pairs: int) -> pl.DataFrame:
    """Where a class of change is more frequent than overall, by more than chance gives to the luckiest of all slices.

    That is, the lower end of its rate's interval lies above the overall rate, at 95 % over all slices and classes
    together (Bonferroni). `low` and `high` are the usual 95 % interval of the one rate.

    `change`, `by`, `name`, `count`, `old`, `rate`, `low`, `high`, `overall`, `excess` (pairs above what the overall
    rate would give); most excess first. Added pairs have no rate and are left out.
    """
    if not pairs or slices.is_empty():
        return pl.DataFrame(schema=_CONCENTRATED)
    long = slices.select("by", "name", "old", *CHANGED).unpivot(
        on=list(CHANGED), index=["by", "name", "old"], variable_name="change", value_name="count"
    )
    overall = pl.col("change").replace_strict({c: counts[c] / pairs for c in CHANGED}, return_dtype=pl.Float64)
    rated = long.with_columns(overall=overall, **wilson_expr(pl.col("count"), pl.col("old")))
    z = NormalDist().inv_cdf(1 - 0.025 / max(1, long.filter(pl.col("count") > 0).height))
    sure = wilson_expr(pl.col("count"), pl.col("old"), z)["low"] > pl.col("overall")
    found = rated.filter(sure & (pl.col("count") >= FEWEST))
    found = found.with_columns(excess=pl.col("count") - pl.col("overall") * pl.col("old"))
    order = ["change", "by", "name"]
    return found.sort("excess", *order, descending=[True, False, False, False]).select(list(_CONCENTRATED))


_CONCENTRATED = {
    **dict.fromkeys(("change", "by", "name"), pl.String),
    **dict.fromkeys(("count", "old"), pl.Int64),
    **dict.fromkeys(("rate", "low", "high", "overall", "excess"), pl.Float64),
}
