"""A broken rule of the gate, told in full: limit, value, examples, and where to learn more."""

import shlex
from dataclasses import dataclass

from prefq.checks import CHECKS
from prefq.report.data import Audit, Rule

MOST = 3
PAGE = "reports/audit.html"
SECTIONS = {"chosen_longer": "lengths", "shortcut": "judge", "survival": "survival"}
"""The figure of a rule, or its first part → the section of the page that tells more of it; others are in the flow."""


@dataclass(frozen=True)
class Breach:
    """Rows that a broken rule speaks of, at most three, and the section of the page that tells of its figure."""

    rule: Rule
    examples: tuple[str, ...]
    section: str

    @property
    def value(self) -> str:
        """The figure as a plain number."""
        return "not decided" if self.rule.value is None else f"{self.rule.value:g}"

    def command(self, workdir: str = ".") -> str | None:
        """What tells the story of the first example, to be typed from where the report was asked for."""
        if not self.examples:
            return None
        place = "" if workdir in ("", ".") else f" --workdir {shlex.quote(workdir)}"
        return f"prefq why {shlex.quote(self.examples[0])}{place}"

    def more(self, workdir: str = ".") -> str:
        """The command that shows more, or the place in the page where there is no single row to show."""
        page = f"{workdir}/{PAGE}" if workdir not in ("", ".") else PAGE
        return self.command(workdir) or f"{page}#{self.section}"


def breach(audit: Audit, rule: Rule) -> Breach:
    """What is told of a broken rule. Of a check's rule the examples are those that the page shows first."""
    found = next((r for r in audit.results if rule.name.removesuffix("_share") in (r.name, f"no_{r.name}")), None)
    shown = tuple(example.row_id for example in found.examples[:MOST]) if found else ()
    by_form = audit.by_form if rule.name.startswith("shortcut.surface") else ()
    return Breach(rule, shown or rule.examples or by_form, section(rule.name))


def section(name: str) -> str:
    """The section of the page that tells more of a rule's figure."""
    check = name.removesuffix("_share").removeprefix("no_")
    return f"check-{check}" if check in CHECKS else SECTIONS.get(name.split(".", maxsplit=1)[0], "flow")
