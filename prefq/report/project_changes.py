"""Which settings, inputs and stages changed between two versions of a project: on a terminal and in Markdown."""

import json
from dataclasses import dataclass
from typing import Any

from prefq.history import Changes
from prefq.report.diff_markdown import code
from prefq.report.text import brief
from prefq.report.widths import clipped, wrapped

MOST = 20
"""Settings that are told one by one."""


def as_lines(found: Changes, width: int = 80) -> list[str]:
    """The changes as lines of at most `width` columns, under a heading; none when nothing changed."""
    lines = [f"   {p.name}  {_value(p.old)} → {_value(p.new)}" for p in found.params[:MOST]]
    if len(found.params) > MOST:
        lines.append(f"   and {len(found.params) - MOST:,} more settings")
    lines += [line for title, names in _lists(found) for line in _wrapped(title, names, width)]
    short = [clipped(line, width) for line in lines]
    return ["", " Project", " ▔▔▔▔▔▔▔", *short] if lines else []


def as_markdown(found: Changes) -> str:
    """The changes as a list in Markdown, under a heading; empty when nothing changed."""
    lines = [f"- {code(p.name)}: {code(_value(p.old))} → {code(_value(p.new))}" for p in found.params[:MOST]]
    if len(found.params) > MOST:
        lines.append(f"- and {len(found.params) - MOST:,} more settings")
    lines += [f"- {title}: {', '.join(code(name) for name in names)}" for title, names in _lists(found)]
    return "\n#### Project\n\n" + "\n".join(lines) + "\n" if lines else ""


@dataclass(frozen=True)
class Table:
    """The changes as a page shows them."""

    params: list[tuple[str, str, str]]
    """Setting, old, new."""
    left_out: int
    """Settings beyond the first MOST."""
    lists: list[tuple[str, list[str]]]


def as_table(found: Changes) -> Table | None:
    """The changes for a page; None when nothing changed. What is in it is visible, but not yet escaped."""
    params = [(brief(p.name), _value(p.old), _value(p.new)) for p in found.params[:MOST]]
    lists = [(title, [brief(name) for name in names]) for title, names in _lists(found)]
    return Table(params, max(0, len(found.params) - MOST), lists) if params or lists else None


def _lists(found: Changes) -> list[tuple[str, list[str]]]:
    written = [stage.name for stage in found.stages if stage.outputs]
    alike = [stage.name for stage in found.stages if not stage.outputs]
    lists = [("inputs", list(found.inputs)), ("stages with other results", written)]
    return [(title, names) for title, names in [*lists, ("stages run anew, same results", alike)] if names]


def _wrapped(title: str, names: list[str], width: int) -> list[str]:
    text = f"{title}: {', '.join(brief(name) for name in names)}"
    return wrapped(text, width, "   ", "     ")


def _value(value: Any) -> str:
    if value is None:
        return "(default)"
    return brief(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str), 60)
