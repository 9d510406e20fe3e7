"""The settings in force, with every section checked before the first stage starts: an hour's work must not end there.

`prefq.params` knows types and ranges; what names checks, figures and formats is known by those who use it.
"""

from collections.abc import Iterable
from pathlib import Path

from prefq import params
from prefq.errors import SettingsError, UsageError
from prefq.params import Settings
from prefq.registry import did_you_mean


def settings_in_force(directory: Path, overrides: Iterable[str] = ()) -> Settings:
    """The settings of a directory under those of `--set`, all of them checked.

    Raises SettingsError for a mistake in the directory's `params.yaml`, and UsageError for one that `--set` made.
    """
    given = tuple(overrides)
    try:
        return _checked(directory, given)
    except SettingsError as error:
        if given and _stands(directory):
            text = str(error)
            raise UsageError(text if text.startswith("--set") else f"--set: {text}") from None
        raise


def _stands(directory: Path) -> bool:
    """Whether the settings have no mistake without what the command line says."""
    try:
        _checked(directory, ())
    except SettingsError:
        return False
    return True


def _checked(directory: Path, overrides: tuple[str, ...]) -> Settings:
    settings = params.load(directory, overrides)
    check_settings(settings)
    return settings


def check_settings(settings: Settings) -> None:
    """Raises SettingsError for the first setting of any stage that this stage would refuse."""
    from prefq.checks import CHECKS
    from prefq.figures import known_figures, read_rules
    from prefq.flagging import asked_checks
    from prefq.gated_survival import known_survival
    from prefq.policy import read_settings
    from prefq.release import wanted_formats
    from prefq.suites import curated_rules
    from prefq.survival.outcomes import read_asks

    asked_checks(settings["flag"])
    read_settings(settings["curate"], tuple(CHECKS))
    known = known_figures(CHECKS) | known_survival(read_asks(settings["report"]["survival"]))
    read_rules(settings["gate"], known, curated_rules())
    for name in settings["map"]["color"]:
        if name not in CHECKS:
            raise SettingsError(f"map.color: there is no check {name!r}{did_you_mean(str(name), CHECKS)}")
    wanted_formats(settings["release"]["formats"])


def require_benchmarks(settings: Settings, root: Path) -> None:
    """Raises SourceError for a benchmark file that is not there; places far away are asked when they are read."""
    from prefq.sources.places import expand, is_remote

    for entry in settings["decontaminate"]["against"]:
        if not is_remote(entry["path"]):
            expand(entry["path"], root)
