"""A comparison on a terminal: about twenty lines that read well at 80 columns."""

from collections.abc import Callable

from prefq.diff import Diff
from prefq.report import diff_words as words
from prefq.report.numbers import NBSP, count, plural, share
from prefq.report.text import brief, visible
from prefq.report.widths import centered, clipped, columns, ending, left, wrapped

RED, GREEN, YELLOW, BOLD, DIM, RESET = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"
COLORS = {"added": GREEN, "removed": RED, "flipped": YELLOW, "unchanged": DIM}
MOST_CONCENTRATIONS, MOST_MOVES, MOST_FLAGS = 6, 6, 6
Paint = Callable[[str, str], str]


def summary(diff: Diff, width: int = 80, *, color: bool = False) -> str:
    """The comparison in lines of at most `width` columns; no escape codes unless `color`."""

    def paint(text: str, code: str) -> str:
        return f"{code}{text}{RESET}" if color and code else text

    sections = [
        _box(diff, width, paint),
        _changes(diff, paint),
        _concentrations(diff, width, paint),
        _moves(diff, width, paint),
        _columns(diff, width, paint),
        _quality(diff, width, paint),
        [line for text in (*words.schema_lines(diff), *diff.notes) for line in _wrap(text, width, " ")],
    ]
    return "\n".join("\n".join(lines) for lines in _spaced(sections)).replace(NBSP, " ")


def _spaced(sections: list[list[str]]) -> list[list[str]]:
    told = [lines for lines in sections if lines]
    return [*([*lines, ""] for lines in told[:-1]), told[-1]]


def _box(diff: Diff, width: int, paint: Paint) -> list[str]:
    inner = width - 2
    old, new = (brief(side.name, 1_000) for side in (diff.old, diff.new))
    room = inner - 4 - len(" → ")
    half = max(room // 2, room - columns(new))
    old = ending(old, half)
    title = centered(f"{old} → {ending(new, room - columns(old))}", inner)
    lines = ["┏" + "━" * inner + "┓", "┃" + paint(title, BOLD) + "┃", "┗" + "━" * inner + "┛"]
    return [*lines, clipped("   " + words.growth(diff), width)]


def _titled(title: str, lines: list[str], paint: Paint) -> list[str]:
    return [" " + paint(title, BOLD), " " + "▔" * len(title), *lines] if lines else []


def _changes(diff: Diff, paint: Paint) -> list[str]:
    shown = {name: n for name, n in diff.counts.items() if n}
    wide = max(5, *(len(count(n)) for n in shown.values())) if shown else 5
    lines = [
        paint(
            f"   {words.MARKS[name]} {name:<17}{count(n):>{wide}}  {share(n, diff.old.pairs):>8}", COLORS.get(name, "")
        )
        for name, n in shown.items()
    ]
    back = words.returned(diff)
    at = next((i for i, line in enumerate(lines, start=1) if f"{words.MARKS['flipped']} flipped" in line), len(lines))
    lines[at:at] = [f"     {back}"] if back else []
    head = f"Changes{'':<14}{'pairs':>{wide + 1}}    of old"
    none = [] if diff.changed else ["   No pair differs."]
    return _titled(head, [*none, *lines], paint)


def _concentrations(diff: Diff, width: int, paint: Paint) -> list[str]:
    told = words.strongest(diff, MOST_CONCENTRATIONS)
    lines = [line for row in told for line in _wrap(words.concentrated(row, words.slice_name(row)), width, "   ")]
    return _titled("Where change concentrates", lines, paint)


def _moves(diff: Diff, width: int, paint: Paint) -> list[str]:
    lines = []
    for column in ("split", "status"):
        found = words.moves(diff, column)
        lines += [
            f"   {column} {a} → {b}: {plural(pairs, 'pair')}, {plural(prompts, 'prompt')}"
            for a, b, pairs, prompts in found[:MOST_MOVES]
        ]
        lines += [f"   and {len(found) - MOST_MOVES} more moves of {column}"] if len(found) > MOST_MOVES else []
    return _titled("Moves", [clipped(line, width) for line in lines], paint)


def _columns(diff: Diff, width: int, paint: Paint) -> list[str]:
    named = [f"{brief(name, 40)}{NBSP}{count(n)}" for name, n in list(diff.columns.items())[:12]]
    more = [f"and {len(diff.columns) - 12} more"] if len(diff.columns) > 12 else []
    return _titled("Columns that differ", _wrap(", ".join([*named, *more]), width, "   ") if named else [], paint)


def _quality(diff: Diff, width: int, paint: Paint) -> list[str]:
    flags = [f for f in words.flag_figures(diff) if f.change]
    shown = [*words.leanings(diff), *flags[:MOST_FLAGS]]
    if not shown:
        return []
    wide = min(40, max(len(f.name) for f in shown))
    lines = [f"   {left(clipped(brief(f.name), wide), wide)}  {f.old:>11}  {f.new:>11}" for f in shown]
    head = f"{'Quality':<{wide + 2}}  {'old':>11}  {'new':>11}"
    return [" " + paint(head, BOLD), " " + "▔" * min(len(head), width - 1), *lines]


def _wrap(text: str, width: int, indent: str) -> list[str]:
    return wrapped(visible(text), width, indent, indent + "  ")
