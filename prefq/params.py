"""Settings: packaged defaults, then a directory's `params.yaml`, then `--set`. The one file that knows YAML.

The defaults are the list of what exists: a key that is not among them, or a value of another type, is an error that
names the file and the line. `flag`, `curate.policy` and `gate` hold names of checks and figures; the modules that know
them check those.
"""

import copy
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from prefq.errors import SettingsError
from prefq.registry import did_you_mean

Settings = dict[str, Any]

PARAMS_FILE = "params.yaml"

OPEN = ("flag", "curate.policy", "gate")
"""Mappings whose keys are names that other modules know."""

CHOICES: dict[str, tuple[Any, ...]] = {
    "neighbors.scope": ("all", "auto", "prompt"),
    **{
        f"curate.contradictions.{kind}": ("keep_majority", "drop_all", "review")
        for kind in ("swapped", "cycle", "both_ways", "tie")
    },
    "curate.ties": ("drop", "keep"),
    "gate.undecided": ("report", "fail"),
}

RANGES: dict[str, tuple[float, float]] = {
    "ingest.sample": (1, 1_000_000_000),
    "neighbors.semantic_similarity": (0, 1),
    "neighbors.lexical_similarity": (0, 1),
    "decontaminate.n": (1, 100),
    "decontaminate.near": (0, 1),
    "decontaminate.common": (1, 1_000_000),
    "decontaminate.semantic_similarity": (0, 1),
    "score.folds": (2, 50),
    "score.noise_rate": (0, 0.49),
    "curate.split.train": (0, 1),
    "curate.split.validation": (0, 1),
    "curate.split.test": (0, 1),
    "map.neighbors": (2, 1000),
    "map.min_dist": (0, 1),
    "map.points": (1, 10_000_000),
    "report.examples": (0, 1000),
    "seed": (0, 2**32 - 1),
}

NULLABLE: dict[str, type] = {
    "ingest.sample": int,
    "score.noise_rate": float,
    "gate.great_expectations": str,
    "report.title": str,
    "report.baseline": str,
    "release.name": str,
    "release.license": str,
}

ENTRIES: dict[str, tuple[str, ...]] = {
    "ingest.sources": ("path", "format", "name", "options"),
    "decontaminate.against": ("path", "name", "column", "format", "options"),
    "score.against": ("path", "name", "format", "options"),
    "report.survival": ("trainer", "tokenizer", "max_length", "name"),
}
"""Lists of mappings, and the keys an entry may have; it needs the first. A bare string is that: a path, a trainer."""

OTHER_TYPES: dict[str, type] = {"options": dict, "max_length": int}
"""Keys of entries whose values are no text."""


def defaults() -> Settings:
    """The packaged defaults, as a fresh copy."""
    text = resources.files("prefq").joinpath("defaults.yaml").read_text(encoding="utf-8")
    settings: Settings = yaml.safe_load(text)
    return settings


def load(directory: Path, overrides: Iterable[str] = ()) -> Settings:
    """The settings in force in a directory: defaults < its `params.yaml` < `overrides` (`key=value` each).

    Raises SettingsError for an unknown key, a value of the wrong type or out of range, and unreadable YAML.
    """
    settings = defaults()
    path = directory / PARAMS_FILE
    if path.is_dir():
        raise SettingsError(f"{path} is a directory: settings are read from a file of that name; rename it.")
    if path.exists():
        given, lines = _read(path)
        _merge(settings, given, "", lambda key: f"{path}, line {lines.get(key, 1)}: ")
    for override in overrides:
        key, value = parse_override(override)
        nested: Any = value
        for part in reversed(key.split(".")):
            nested = {part: nested}
        _merge(settings, nested, "", lambda _key: "--set: ")
    _check_shares(settings)
    return settings


def parse_override(text: str, flag: str = "--set", example: str = "embed.encoder=static") -> tuple[str, Any]:
    """Split `key=value` at the first `=`; the value is YAML, except under `gate.`, where it is a rule's text."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise SettingsError(f"{flag} {text!r}: write key=value, for example {flag} {example}.")
    if key.startswith("gate."):
        return key, value.strip()
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError:
        raise SettingsError(f"{flag} {key}: {value!r} is not a YAML value.") from None


def foreign_mapping(text: bytes) -> Mapping[str, Any]:
    """The mapping that YAML of another tool (DVC's records) holds; empty when it is not readable or none.

    By the C loader where there is one, which is eight times faster.
    """
    try:
        found = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _read(path: Path) -> tuple[Mapping[str, Any], dict[str, int]]:
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        given = yaml.safe_load(text) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{path}, line {line}: not valid YAML ({error.problem}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not a YAML text file ({str(error).splitlines()[0]}).") from None
    if not isinstance(given, dict):
        raise SettingsError(f"{path}: expected sections such as `ingest:` at the top level.")
    lines: dict[str, int] = {}
    _note_lines(root, "", lines, path)
    return given, lines


def _note_lines(node: yaml.Node | None, prefix: str, lines: dict[str, int], path: Path) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        name, line = f"{prefix}{key.value}", key.start_mark.line + 1
        if name in lines:
            raise SettingsError(f"{path}, line {line}: {name} is there twice (first in line {lines[name]}).")
        lines[name] = line
        _note_lines(value, f"{name}.", lines, path)


def _merge(settings: Settings, given: Mapping[str, Any], prefix: str, where: Any) -> None:
    for key, value in (_dotted(given) if prefix == "gate." else given).items():
        name = f"{prefix}{key}"
        if prefix == "flag." and value is not None:
            settings[str(key)] = _parameters(settings.get(key), value)
            continue
        if prefix.rstrip(".") in OPEN and key not in settings:
            settings[str(key)] = copy.deepcopy(value)
            continue
        if key not in settings:
            raise SettingsError(f"{where(name)}there is no setting {name}{did_you_mean(str(key), settings)}")
        if isinstance(settings[key], dict):
            if value is None:
                continue
            if not isinstance(value, dict):
                raise SettingsError(f"{where(name)}{name} is a section, not {_shown(value)}.")
            _merge(settings[key], value, f"{name}.", where)
        else:
            settings[key] = _checked(name, value, settings[key], where(name))


def _dotted(given: Mapping[str, Any]) -> dict[str, Any]:
    """Rules by the whole names of their figures: `shortcut: {surface: …}` says the same as `shortcut.surface: …`."""
    flat: dict[str, Any] = {}
    for key, value in given.items():
        inner = _dotted(value) if isinstance(value, Mapping) and value else None
        flat |= {str(key): value} if inner is None else {f"{key}.{name}": told for name, told in inner.items()}
    return flat


def _parameters(before: Any, value: Any) -> Any:
    """A check's parameters on top of those given before; `false`, or anything else, takes their place."""
    both = isinstance(before, dict) and isinstance(value, dict)
    return {**before, **value} if both else copy.deepcopy(value)


def _checked(name: str, value: Any, default: Any, where: str) -> Any:
    if name in ENTRIES:
        return _entries(name, value, where)
    if value is None and name in NULLABLE:
        return None
    expected = NULLABLE.get(name, type(default))
    if name.startswith("gate.") and isinstance(value, int | float):
        value = "off" if value is False else str(value)  # YAML reads a bare `off` as false
    if not _is(value, expected):
        raise SettingsError(f"{where}{name} must be {_TYPES[expected]}, not {_shown(value)}.")
    check_bounds(name, value, where)
    return float(value) if expected is float else value


def check_bounds(name: str, value: Any, where: str = "") -> None:
    """Raises SettingsError when the value of the setting is none of its choices, or out of its range."""
    if name in CHOICES and value not in CHOICES[name]:
        known = ", ".join(str(c) for c in CHOICES[name])
        raise SettingsError(f"{where}{name} must be one of {known}, not {_shown(value)}.")
    low, high = RANGES.get(name, (None, None))
    if low is not None and high is not None and not low <= value <= high:
        raise SettingsError(f"{where}{name} must be between {low} and {high}, not {value}.")


_TYPES = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a section",
}


def _is(value: Any, expected: type) -> bool:
    if expected is bool or isinstance(value, bool):
        return expected is bool and isinstance(value, bool)
    return isinstance(value, int | float) if expected is float else isinstance(value, expected)


def _entries(name: str, value: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise SettingsError(f"{where}{name} must be a list of {{{', '.join(ENTRIES[name])}}}, not {_shown(value)}.")
    return [_entry(name, {ENTRIES[name][0]: v} if isinstance(v, str) else v, where) for v in value]


def _entry(name: str, entry: Any, where: str) -> dict[str, Any]:
    known = ENTRIES[name]
    if not isinstance(entry, dict) or not isinstance(entry.get(known[0]), str):
        raise SettingsError(f"{where}each entry of {name} needs a `{known[0]}`, not {_shown(entry)}.")
    for key, value in entry.items():
        if key not in known:
            raise SettingsError(f"{where}an entry of {name} has no key {key!r}{did_you_mean(str(key), known)}")
        expected = OTHER_TYPES.get(key, str)
        if value is not None and not _is(value, expected):
            raise SettingsError(f"{where}`{key}` in {name} must be {_TYPES[expected]}, not {_shown(value)}.")
    return {key: entry.get(key) for key in known}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _check_shares(settings: Settings) -> None:
    shares = {name: share for name, share in settings["curate"]["split"].items() if name != "honour"}
    total = sum(shares.values())
    if abs(total - 1) > 1e-6:
        told = ", ".join(f"{name} {share:g}" for name, share in shares.items())
        raise SettingsError(f"curate.split must add up to 1, but {told} make {total:g}: give all three.")
