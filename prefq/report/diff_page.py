"""A comparison as one HTML file: no request, its own script only, every value from the data escaped.

The look, the escaping and the content security policy are those of the audit report.
"""

from typing import Any

from prefq.diff import CLASSES, Diff
from prefq.history import Changes
from prefq.report import diff_words as words
from prefq.report.diff_examples import EACH, cards, classes_shown
from prefq.report.pages import environment, inlined, template_text
from prefq.report.project_changes import as_table
from prefq.report.text import brief

MOST_CONCENTRATIONS = 20


def to_html(diff: Diff, *, each: int = EACH, project: Changes | None = None) -> str:
    """The whole page, with up to `each` pairs of every class of change: same comparison, same bytes.

    `project`: the settings, inputs and stages that changed, where both sides are versions of a project.
    """
    style = template_text("style.css") + template_text("diff.css")
    shown = cards(diff, each)
    return (
        environment(said=lambda name: name.replace("_", " "))
        .get_template("diff.html")
        .render(
            diff=diff,
            **inlined(style, template_text("diff.js")),
            title=f"{diff.old.name} → {diff.new.name}",
            lede=f"{words.growth(diff)}. {words.verdict(diff)}",
            meanings=CLASSES,
            concentrations=[
                words.concentrated(row, words.slice_name(row)) for row in words.strongest(diff, MOST_CONCENTRATIONS, 5)
            ],
            moves=[(column, *move) for column in ("split", "status") for move in words.moves(diff, column)],
            figures=[*words.leanings(diff), *words.flag_figures(diff)],
            slices=_slices(diff),
            project=as_table(project) if project else None,
            notes=[*words.schema_lines(diff), *diff.notes],
            cards=shown,
            classes=classes_shown(shown),
        )
    )


def _slices(diff: Diff) -> list[tuple[str, list[dict[str, Any]]]]:
    """The slices by kind; a rate of change leans to more or less when its interval leaves the overall rate out."""
    overall = (diff.changed - diff.counts["added"]) / diff.old.pairs if diff.old.pairs else 0.0
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in diff.slices.iter_rows(named=True):
        lean = (
            "" if row["rate"] is None else "more" if row["low"] > overall else "less" if row["high"] < overall else ""
        )
        kinds.setdefault(row["by"], []).append({**row, "name": brief(row["name"], 60), "lean": lean})
    return list(kinds.items())
