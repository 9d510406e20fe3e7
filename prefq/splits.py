"""Train, validation and test: a prompt group goes to one split as a whole, by a hash of its name.

The hash makes a split stable: adding or removing other groups never moves a group. It also knows nothing of sources and
categories, so each of them is divided in the same shares, as closely as drawing lots allows (of n groups, a share p
comes out within about 2·√(p(1-p)/n)); quotas per stratum would be closer, and would move groups as others are added.

A group is named by the smallest id of its prompts, and goes where that prompt would go alone. So a prompt keeps its
split as a dataset grows, with two exceptions, and these only if the two draws differ (one in five at 90/5/5): a new
prompt joins its group and has a smaller id still; or a new prompt connects its group with another one, whose name is
smaller: then the two are one group from now on, and the prompts of the larger name move, for otherwise near prompts
would be in two splits. (A group that gets too large for a split is divided, `prefq.neighbors.clusters.loose_groups`;
its parts are then named anew.) `taken_along` counts the prompts that are not where they would be alone. Who must not
have any prompt move gives the splits of the last release with the data: given splits are kept.
"""

from collections.abc import Mapping

import polars as pl

from prefq.errors import SettingsError
from prefq.ids import text_id
from prefq.registry import did_you_mean
from prefq.schema import SPLITS

GIVEN_NAMES = {
    **dict.fromkeys(("train", "training", "train_prefs"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "validation_prefs"), "validation"),
    **dict.fromkeys(("test", "testing", "test_prefs"), "test"),
}
"""What sources call a split, in lower case. Any other name counts as none given."""

_HASH_DIGITS = 13  # 52 bits: exact in a float


def given_split(split: pl.Expr) -> pl.Expr:
    """The split a source names, as `train`, `validation` or `test`; null where it names none of them."""
    return split.str.strip_chars().str.to_lowercase().replace_strict(GIVEN_NAMES, default=None, return_dtype=pl.String)


def assign_splits(groups: pl.DataFrame, shares: Mapping[str, float], seed: int, *, honour: bool = True) -> pl.DataFrame:
    """One row per prompt group: `prompt_group`, `split`, and `reason`, sorted by group.

    `groups` has one row per judgement: `prompt_group` and, if the source has one, `split`. A given split is kept
    (reason `given`); a group with rows in several given splits goes to test before validation before train, so that
    nothing a model was to be tested on is trained on (reason `given_conflict`); the others are drawn by the hash of
    seed and group (reason `assigned`), and so is every group where given splits are not to be `honour`ed. `shares` are
    fractions by split name that add up to 1. Raises SettingsError when they do not.
    """
    bounds = _bounds(shares)
    if "split" not in groups.columns or not honour:
        groups = groups.with_columns(split=pl.lit(None, pl.String))
    by_group = (
        groups.select("prompt_group", given=given_split(pl.col("split")).cast(pl.Enum(SPLITS)))
        .group_by("prompt_group")
        .agg(given=pl.col("given").max(), several=pl.col("given").drop_nulls().n_unique() > 1)
        .sort("prompt_group")
    )
    drawn = _drawn(_lot(pl.col("prompt_group"), seed), bounds)
    reason = pl.when("several").then(pl.lit("given_conflict")).when(pl.col("given").is_not_null()).then(pl.lit("given"))
    return by_group.select(
        "prompt_group",
        split=pl.coalesce(pl.col("given").cast(pl.String), drawn),
        reason=reason.otherwise(pl.lit("assigned")),
    )


def taken_along(prompts: pl.DataFrame, assigned: pl.DataFrame, shares: Mapping[str, float], seed: int) -> pl.DataFrame:
    """The prompts that their group took along into another split than they would be in alone, sorted by `prompt_id`.

    `prompts` has `prompt_id` and `prompt_group`, `assigned` is as from `assign_splits` with the same shares and seed.
    Comes back: `prompt_id`, `prompt_group`, `split`, and `alone`, the split of the prompt by itself. Groups with given
    splits are left out.
    """
    drawn = assigned.filter(reason="assigned").select("prompt_group", "split")
    alone = _drawn(_lot(pl.col("prompt_id"), seed), _bounds(shares))
    every = prompts.select("prompt_id", "prompt_group").unique().join(drawn, on="prompt_group")
    return every.with_columns(alone=alone).filter(pl.col("alone") != pl.col("split")).sort("prompt_id")


def _lot(name: pl.Expr, seed: int) -> pl.Expr:
    """The hash that decides where a prompt or group goes."""
    return text_id(pl.format("{}\n{}", pl.lit(str(seed)), name))


def _bounds(shares: Mapping[str, float]) -> list[tuple[str, float]]:
    """Each split with the upper end of its part of [0, 1), in the order of SPLITS."""
    for name, share in shares.items():
        if name not in SPLITS:
            raise SettingsError(f"curate.split has no split {name!r}{did_you_mean(name, SPLITS)}")
        if not 0 <= share <= 1:
            raise SettingsError(f"curate.split.{name} must be between 0 and 1, not {share:g}.")
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise SettingsError(f"curate.split must add up to 1, not {sum(shares.values()):g}.")
    used = [name for name in SPLITS if shares.get(name, 0) > 0]
    return [(name, sum(shares[n] for n in used[: i + 1])) for i, name in enumerate(used)]


def _drawn(digest: pl.Expr, bounds: list[tuple[str, float]]) -> pl.Expr:
    """The split that a hexadecimal hash falls into."""
    place = digest.str.head(_HASH_DIGITS).str.to_integer(base=16, dtype=pl.Int64) / 16**_HASH_DIGITS
    *firsts, (last, _) = bounds
    split = pl.lit(last)
    for name, end in reversed(firsts):
        split = pl.when(place < end).then(pl.lit(name)).otherwise(split)
    return split
