"""`prefq score --inject`: what would be found of labels that are known to be wrong."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from prefq.errors import PrefqError, UsageError

if TYPE_CHECKING:
    import polars as pl


def with_injection(command: click.Command) -> click.Command:
    """The `score` command with `--inject RATE` and `--json`."""
    run = command.callback
    assert run is not None

    def run_or_inject(
        workdir: Path,
        overrides: tuple[str, ...],
        inject: str | None = None,
        as_json: bool = False,
        **extra: Any,
    ) -> None:
        if inject is not None:
            said = injected(workdir, overrides, share(inject))
            click.echo(json.dumps(said, ensure_ascii=False, indent=2) if as_json else "\n".join(told(said)))
        elif as_json:
            raise UsageError("--json goes with --inject: the scores themselves are in data/scores.parquet.")
        else:
            run(workdir=workdir, overrides=overrides, **extra)

    command.callback = run_or_inject
    text = "Turn this share of the labels round, tell what would be found of them, and write nothing. For example: 10%."
    command.params[:0] = [
        click.Option(["--inject"], metavar="SHARE", help=text),
        click.Option(["--json", "as_json"], is_flag=True, help="With --inject: as JSON."),
    ]
    return command


def share(text: str) -> float:
    """`10%` or `0.1` as 0.1. Raises UsageError outside of 0 to 50 %, both excluded."""
    number = re.fullmatch(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)\s*", text)
    value = float(number[1]) / (100 if number[2] else 1) if number else 0
    if not 0 < value < 0.5:
        raise UsageError(f"--inject {text!r}: give a share of the labels between 0% and 50%, such as 10%.")
    return value


def injected(workdir: Path, overrides: tuple[str, ...], rate: float) -> dict[str, Any]:
    """What is found of flips that are injected into the labels of a directory: the content of `--json`."""
    import polars as pl

    from prefq.cli.settings import settings_in_force
    from prefq.features import SURFACE, pair_features
    from prefq.injection import by_budget, flips, ranking, turned
    from prefq.judges import Rewarded, judged
    from prefq.score import score
    from prefq.store import Workdir

    if not workdir.is_dir():
        raise PrefqError(f"there is no directory {workdir}: name one in which `prefq ingest` has run.")
    home, settings = Workdir(workdir), settings_in_force(workdir, overrides)
    pairs, clusters, seed = (
        home.table("data/pairs.parquet"),
        home.optional_table("data/clusters.parquet"),
        settings["seed"],
    )
    flipped = flips(pairs, rate, seed)
    rows = pairs["row_id"].filter(pl.Series(flipped))
    named = settings["score"]["judge"]
    rewarded = None if named == "head" else judged(named, pairs, home.root)
    scores = score(
        turned(pairs, rows),
        turned(pair_features(pairs), rows),
        home.vectors(),
        None if clusters is None else turned(clusters, rows),
        surface=SURFACE,
        settings=settings["score"],
        seed=seed,
        rewarded=rewarded and Rewarded(turned(rewarded.table, rows), rewarded.name, rewarded.notes),
    )
    before = (home.optional_json("data/shortcuts.json") or {}).get("noise_rate") or {}
    return {
        "format": 1,
        "injected": {"share": rate, "flips": int(flipped.sum()), "rows": pairs.height, "seed": seed},
        "policy": _policy(settings["flag"], scores.table, flipped),
        "ranking": ranking(scores.table, flipped).to_json(),
        "budgets": [{"share": top, **found.to_json()} for top, found in by_budget(scores.table, flipped)],
        "noise_rate": {"after": scores.noise.to_json(), "before": before.get("value")},
        "notes": [*scores.notes, *_habit(pairs)],
    }


def _habit(pairs: "pl.DataFrame") -> list[str]:
    """What the flips hide: labels that all went by length, among which every flip stands out."""
    import polars as pl

    from prefq.score import one_sided

    sides = ("chosen", "rejected")
    word = one_sided(pairs.with_columns(pl.col(side).str.len_chars().alias(f"{side}_length") for side in sides))
    if word is None:
        return []
    return [
        f"Before the injection nearly always the {word} answer was chosen: a flip is found because it breaks that"
        " habit, which says nothing of labels that are wrong."
    ]


def _policy(asked: Any, scores: "pl.DataFrame", flipped: Any) -> dict[str, Any]:
    """What the check `likely_mislabelled` flags with the settings in force; `why` where it decides nothing."""
    from prefq.flagging import asked_checks
    from prefq.injection import found

    one = asked_checks(asked).get("likely_mislabelled")
    if one is None:
        return {"check": "likely_mislabelled", "parameters": None, "found": None, "why": "switched off in the settings"}
    verdict = scores.select(one.verdict).to_series()
    told = {"check": one.check.name, "parameters": dict(one.parameters)}
    if not scores["suspicion"].count():
        return {**told, "found": None, "why": "nothing is scored"}
    if verdict.null_count() == len(verdict):
        why = "the share of wrong labels is not known: give score.noise_rate, or a budget such as `500 pairs`"
        return {**told, "found": None, "why": why}
    return {**told, "found": found(verdict, flipped).to_json(), "why": None}


def told(said: dict[str, Any]) -> list[str]:
    """The same in words."""
    injected, policy, order = said["injected"], said["policy"], said["ranking"]
    share = f"{100 * injected['share']:g}% of the decided"
    lines = [f"{injected['flips']:,} labels of {injected['rows']:,} rows turned round ({share})"]
    if policy["found"] is None:
        lines.append(f"likely_mislabelled decides nothing: {policy['why']}")
    else:
        lines.append(f"likely_mislabelled flags {_words(policy['found'])}")
    lines += [f"the {top['share']:.0%} most suspicious: {_words(top)}" for top in said["budgets"]]
    if order["auroc"] is not None:
        calibrated = "" if order["ece"] is None else f", calibration error of p_correct {order['ece']:.3f}"
        lines.append(
            f"AUROC {order['auroc']:.3f}, average precision {order['average_precision']:.3f}, precision at the true"
            f" number {order['precision_at_rate']:.3f}{calibrated}"
        )
    lines.append(_rate(said["noise_rate"]))
    lines += said["notes"]
    if order["auroc"] is not None:
        lines.append("Labels that were wrong before count as right here, so precision is better than it looks.")
    return lines


def _words(found: dict[str, Any]) -> str:
    if not found["flagged"]:
        return "0 rows"
    precision, recall = found["precision"], found["recall"]
    return (
        f"{found['flagged']:,} rows, {found['flips']:,} of them turned round: precision {precision['value']:.1%}"
        f" ({precision['low']:.1%} to {precision['high']:.1%}), recall {recall['value']:.1%}"
    )


def _rate(rates: dict[str, Any]) -> str:
    after, before = rates["after"], rates["before"]
    if after["value"] is None:
        return f"share of wrong labels: not estimable ({after['why']})"
    span = "" if after["low"] is None else f" ({after['low']:.1%} to {after['high']:.1%})"
    then = "" if before is None else f"; {before:.1%} before the injection"
    return f"share of wrong labels, {after['source']}: {after['value']:.1%}{span}{then}"
