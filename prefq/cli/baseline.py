"""The audit that another one is compared with: a file, a folder, or a version in Git."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from prefq.cli.console import Console
from prefq.errors import PrefqError, UsageError
from prefq.params import foreign_mapping
from prefq.sources.places import is_remote

AUDIT, PAIRS = "reports/audit.json", "data/pairs.parquet"


@dataclass(frozen=True)
class Baseline:
    """An earlier version: what it is called by, the content of its audit.json, and its pairs where they are there."""

    name: str
    figures: Mapping[str, Any] | None
    """None of a dataset that was not audited."""
    pairs: pl.LazyFrame | None = None
    """The pairs as they came in; None where only the figures are there."""


def configured_baseline(settings: Mapping[str, Any], root: Path) -> Baseline | None:
    """The audit that `report.baseline` names; None when it names none.

    Raises PrefqError when it is not there, and in a DVC project when the report does not depend on it.
    """
    named = settings["report"]["baseline"]
    if not named:
        return None
    if (root / "dvc.yaml").is_file() and not _declared(named, root):
        raise PrefqError(
            f"report.baseline names {named}, which dvc.yaml does not declare, so a changed one would go unseen: add it"
            " to the deps of the stage report."
        )
    return read_baseline(named, root)


def _declared(named: str, root: Path) -> bool:
    """Whether the stage report of `dvc.yaml` depends on that path, or on a folder that it is in."""
    stages = foreign_mapping((root / "dvc.yaml").read_bytes()).get("stages")
    stage = stages.get("report") if isinstance(stages, Mapping) else None
    deps = stage.get("deps") if isinstance(stage, Mapping) else None
    wanted = (root / Path(named).expanduser()).resolve()
    return any(wanted.is_relative_to((root / dep).resolve()) for dep in deps or () if isinstance(dep, str))


def read_baseline(path: str, root: Path) -> Baseline:
    """An earlier audit: an audit.json, or a folder with one in reports/. Raises PrefqError."""
    place = root / Path(path).expanduser()
    file = place / AUDIT if place.is_dir() else place
    try:
        return Baseline(path, _figures(file.read_bytes(), str(file)), _pairs_in(place, root))
    except OSError as error:
        raise PrefqError(
            f"there is no audit to compare with in {file} ({error.strerror}): name an audit.json, or a folder with"
            f" {AUDIT}."
        ) from error


def find_baseline(named: str, root: Path, console: Console) -> Baseline:
    """The version that `--against` names: a path from here, or a Git revision of the project in `root`."""
    from prefq.cli.sides import File
    from prefq.versions import commit_of, contents

    path = Path(named).expanduser()
    if is_remote(named) or (path.is_file() and path.suffix != ".json"):
        return Baseline(named, None, File(named).side("pairs", console).frame)
    if path.exists():
        return read_baseline(named, Path.cwd())
    try:
        commit = commit_of(root, named)
    except PrefqError as error:
        raise UsageError(f"--against {named!r} is no file or folder, and no version in Git: {error}") from error
    (found,) = contents(root, [(commit, AUDIT)])
    if found is None:
        raise PrefqError(f"there is no {AUDIT} in the version {named}: it was not audited.")
    return Baseline(named, _figures(found, f"{AUDIT} of {named}"), _pairs_at(commit, root, named))


def _pairs_in(place: Path, root: Path) -> pl.LazyFrame | None:
    """The pairs of a folder beside the one that is audited: those in it are about to be written anew."""
    from prefq.cli.sides import own_table

    return None if place.is_file() or place.resolve() == root.resolve() else own_table(place / PAIRS)


def _pairs_at(commit: str, root: Path, named: str) -> pl.LazyFrame | None:
    """The pairs as DVC recorded them at a commit; None where they cannot be had: the figures do without."""
    from prefq.cli.sides import own_table
    from prefq.versions import VersionError, files_at

    try:
        (file,) = files_at(root, commit, PAIRS, named).values()
    except VersionError:
        return None
    return own_table(file)


def _figures(text: bytes, shown: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise PrefqError(f"{shown} is no audit: it is not JSON ({error}).") from error
    if not isinstance(found, dict) or "checks" not in found:
        raise PrefqError(f"{shown} is no audit: name an audit.json that `prefq audit` or `prefq report` wrote.")
    return found
