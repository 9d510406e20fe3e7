"""How long each stage took the last time it ran in a directory: kept beside its tables, outside of DVC.

They differ from run to run, so nothing that DVC keeps may hold them.
"""

import json
from pathlib import Path

from prefq import schema

FILE = ".prefq/timings.json"


def note(root: Path, stage: str, seconds: float) -> None:
    """Note how long a stage took."""
    text = json.dumps({**noted(root), stage: round(seconds, 1)}, indent=2)
    (root / FILE).write_text(text + "\n", encoding="utf-8")


def noted(root: Path) -> dict[str, float]:
    """Seconds by stage, in the order of the pipeline; nothing of a stage that never ran here."""
    try:
        found = json.loads((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    told = found if isinstance(found, dict) else {}
    names = (stage.name for stage in schema.STAGES)
    return {name: float(told[name]) for name in names if isinstance(told.get(name), int | float)}
