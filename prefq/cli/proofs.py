"""The body of `prefq prove`: the tables and files read, the trials run, what they showed told."""

import json
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import polars as pl

from prefq.cli.console import Console, colors
from prefq.cli.test_sets import encoded, own_groups, read_pairs, shared_groups
from prefq.errors import PrefqError, UsageError
from prefq.prove import Given, Material, Outcome, prove, steps
from prefq.prove.arms import judges_labels
from prefq.prove.material import Scorer
from prefq.prove.words import LIMITS, document, heading, sentences
from prefq.store import Workdir
from prefq.vectors import Vectors

PAIRS, CLUSTERS, FLAGS = "data/pairs.parquet", "data/clusters.parquet", "data/flags.parquet"


def tell_proof(
    workdir: Path,
    against: Sequence[str],
    overrides: Sequence[str],
    sizes: tuple[int, int],
    as_json: bool,
    console: Console,
) -> None:
    """Run the trials and print what they showed; `sizes`: how many seeds, and the most pairs that are used.

    Raises PrefqError where a table is not there or a file cannot be read.
    """
    home = Workdir(workdir)
    if not workdir.is_dir():
        raise PrefqError(f"there is no directory {workdir}: name one in which `prefq flag` has run.")
    with home.lock():
        found, action = proven(home, against, overrides, sizes, console)
    if as_json:
        click.echo(json.dumps(document(found, action, sizes[0]), indent=2, ensure_ascii=False))
        return
    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    click.echo(shown(found, width, color=colors(sys.stdout.isatty())))


def proven(
    home: Workdir, against: Sequence[str], overrides: Sequence[str], sizes: tuple[int, int], console: Console
) -> tuple[list[Outcome], str]:
    """What was found on held-out pairs and on each file, and what the policy does with suspected labels."""
    from prefq.cli.settings import settings_in_force

    settings = settings_in_force(home.root, overrides)
    material = _material(home, settings, sizes[1], console)
    given = _files(home, against, material, settings, console)
    with console.progress(steps(len(given)), "training set", "prove") as advance:
        found = prove(material, given, seeds=sizes[0], advance=advance)
    return found, judges_labels(material.policy)


def shown(found: Sequence[Outcome], width: int, *, color: bool = False) -> str:
    """The outcomes as paragraphs of at most `width` columns."""
    lines: list[str] = []
    for outcome in found:
        title = heading(outcome)
        lines += [f"\x1b[1m{title}\x1b[0m" if color else title]
        lines += [part for text in sentences(outcome) for part in _item(text, width)]
        lines.append("")
    return "\n".join([*lines, *(part for text in LIMITS for part in textwrap.wrap(text, width))])


def _item(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="  - ", subsequent_indent="    ")


def _material(home: Workdir, settings: Mapping[str, Any], most: int, console: Console) -> Material:
    from prefq.checks import CHECKS
    from prefq.features import pair_features
    from prefq.policy import read_settings

    pairs = home.table(PAIRS).sort("row_id")
    clusters, flags = home.table(CLUSTERS), home.table(FLAGS)
    pairs = _at_most(pairs, clusters, most, int(settings["seed"]), console)
    vectors = home.vectors()
    if vectors is None:
        console.say("  there are no vectors: reward models go by surface features alone (run `prefq embed` first)")
    scores, least = scorers(vectors, settings)
    return Material(
        pairs,
        pair_features(pairs),
        flags,
        clusters,
        home.decisions(),
        vectors,
        read_settings(settings["curate"], tuple(CHECKS)),
        settings["flag"],
        scores,
        int(settings["seed"]),
        least,
    )


def scorers(vectors: Vectors | None, settings: Mapping[str, Any]) -> tuple[Scorer, Scorer]:
    """The score stage's own work at the settings' noise rate, and at the least rate that the pairs themselves show.

    By the head: another judge would not learn from the labels that are tried. Raises UsageError.
    """
    from prefq.features import SURFACE
    from prefq.score import Scores, score

    if settings["score"]["judge"] != "head":
        raise UsageError("prefq prove judges labels by the head, which it fits anew each time: --set score.judge=head.")
    given, seed = settings["score"]["noise_rate"], int(settings["seed"])

    def at(rate: float | None, pairs: pl.DataFrame, features: pl.DataFrame, clusters: pl.DataFrame | None) -> Scores:
        asked = {**settings["score"], "noise_rate": rate}
        return score(pairs, features, vectors, clusters, surface=SURFACE, settings=asked, seed=seed)

    def least(pairs: pl.DataFrame, features: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.DataFrame:
        found = at(None, pairs, features, clusters)
        rate = found.noise.to_json()
        shown = rate["value"] is not None and rate["low"] is not None
        return at(float(rate["low"]), pairs, features, clusters).table if shown else found.table

    return lambda pairs, features, clusters: at(given, pairs, features, clusters).table, least


def _at_most(pairs: pl.DataFrame, clusters: pl.DataFrame, most: int, seed: int, console: Console) -> pl.DataFrame:
    """Whole prompt groups drawn at random until they hold so many pairs; all of them where they are not more."""
    if pairs.height <= most:
        return pairs
    groups = pairs.select("row_id").join(clusters.select("row_id", "prompt_group"), on="row_id", how="left")
    sizes = groups.group_by("prompt_group").len().sort("prompt_group").sample(fraction=1, shuffle=True, seed=seed)
    kept = sizes.filter(pl.col("len").cum_sum() <= most)["prompt_group"]
    rows = groups.filter(pl.col("prompt_group").is_in(kept.implode()))["row_id"]
    found = pairs.filter(pl.col("row_id").is_in(rows.implode()))
    console.say(f"  {found.height:,} of {pairs.height:,} pairs are used (--pairs), whole prompt groups at random")
    return found


def _files(
    home: Workdir, against: Sequence[str], material: Material, settings: Mapping[str, Any], console: Console
) -> list[Given]:
    """The test sets in files, encoded as the data is."""
    from prefq.cli.datasets import only_dataset
    from prefq.features import pair_features

    found = []
    for path in against:
        pairs = read_pairs(only_dataset(path, None, {}), path, console)
        vectors = None if material.vectors is None else encoded(home, pairs, settings, console)
        barred = shared_groups(material.pairs, material.groups, pairs, settings)
        found.append(Given(path, pairs, pair_features(pairs), vectors, own_groups(pairs), barred))
    return found
