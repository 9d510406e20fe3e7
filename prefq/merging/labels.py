"""Three-way merge of `data/labels` files: logs of decisions, of which the last of an annotator on a pair counts.

No line is lost: lines that one side added are in the result, lines that one side took out are not. Where lines of both
sides speak of one pair of one annotator, they are put in the order that makes the right one count.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from prefq.decisions import Decision, decisions
from prefq.merging.conflicts import Conflict, Favor

TOLD = ("annotator", "label", "at", "seconds", "note")
Pair = tuple[str, str]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class MergedLabels:
    """The merged log and what became of its decisions; `ours` and `theirs` count those that one side alone changed."""

    text: str
    conflicts: tuple[Conflict, ...]
    ours: int
    theirs: int
    same: int
    """Decisions that both sides changed to the same."""
    decisions: int
    """Decisions that count in the result."""


def merge_labels(
    base: Sequence[Decision],
    ours: Sequence[Decision],
    theirs: Sequence[Decision],
    favor: Favor | None = None,
    texts: Mapping[str, Mapping[str, Any]] | None = None,
) -> MergedLabels:
    """The merged log. In a conflict OURS counts, or the side that `favor` names.

    Conflicts are two decisions about a pair, one made on each side, that differ: an annotator's with another's too.
    Decisions of several annotators then both stay, unless `favor` leaves one out; of one annotator's the last counts.
    `texts`: what is known of pairs' texts, by pair id.
    """
    was, now, other = (_effective(log) for log in (base, ours, theirs))
    changed = [{key for key in {*was, *log} if _said(was, key) != _said(log, key)} for log in (now, other)]
    both = {key for key in changed[0] & changed[1] if _said(now, key) != _said(other, key)}
    found = [] if favor else list(_conflicts(was, now, other, changed, texts or {}))
    left_out = _left_out(changed, now, other, favor)
    taken = {key: other if key in changed[1] and key not in changed[0] else now for key in {*was, *now, *other}}
    taken |= dict.fromkeys(both, other if favor == "theirs" else now)
    winners = {key: (was if key in left_out else log).get(key) for key, log in taken.items()}
    lines = [d.line for d in theirs] if ours == base else list(_ordered(base, ours, theirs, winners))
    return MergedLabels(
        "".join(f"{line}\n" for line in lines),
        tuple(found),
        len(changed[0] - changed[1]),
        len(changed[1] - changed[0]),
        len(changed[0] & changed[1]) - len(both),
        len(_effective(decisions("\n".join(lines), "the result"))),
    )


def _effective(log: Iterable[Decision]) -> dict[Key, Decision]:
    """The decision that counts, by whose it is."""
    return {decision.key: decision for decision in log}


def _said(log: Mapping[Key, Decision], key: Key) -> str | None:
    return log[key].said if key in log else None


def _pair(key: Key) -> Pair:
    return key[1], key[2]


def _by_pair(keys: Iterable[Key]) -> dict[Pair, list[Key]]:
    found: dict[Pair, list[Key]] = {}
    for key in sorted(keys):
        found.setdefault(_pair(key), []).append(key)
    return found


def _differing(
    changed: Sequence[set[Key]], now: Mapping[Key, Decision], other: Mapping[Key, Decision]
) -> Iterator[tuple[Key, Key]]:
    """Whose decisions on each side are about one pair, and differ.

    Of two annotators, only what each decided on one side alone; and a decision that was taken back is none.
    """
    left, right = _by_pair(changed[0]), _by_pair(changed[1])
    for pair in sorted(left.keys() & right.keys()):
        for mine, yours in product(left[pair], right[pair]):
            said = _said(now, mine), _said(other, yours)
            apart = mine not in changed[1] and yours not in changed[0] and not {None, "skip"} & set(said)
            if said[0] != said[1] and (mine == yours or apart):
                yield mine, yours


def _left_out(
    changed: Sequence[set[Key]], now: Mapping[Key, Decision], other: Mapping[Key, Decision], favor: Favor | None
) -> set[Key]:
    """Whose new decisions are left out because the other side is favored, when another annotator decided otherwise."""
    if favor is None:
        return set()
    several = [(mine, yours) for mine, yours in _differing(changed, now, other) if mine != yours]
    loser = 1 if favor == "ours" else 0
    return {both[loser] for both in several} - {both[1 - loser] for both in several}


def _conflicts(
    was: Mapping[Key, Decision],
    now: Mapping[Key, Decision],
    other: Mapping[Key, Decision],
    changed: Sequence[set[Key]],
    texts: Mapping[str, Mapping[str, Any]],
) -> Iterator[Conflict]:
    """One conflict for each pair: its first two decisions that differ."""
    told: set[Pair] = set()
    for mine, yours in _differing(changed, now, other):
        if _pair(mine) not in told:
            told.add(_pair(mine))
            yield _conflict(mine, was.get(mine), now.get(mine), other.get(yours), texts.get(mine[1], {}))


def _conflict(
    key: Key, was: Decision | None, now: Decision | None, other: Decision | None, known: Mapping[str, Any]
) -> Conflict:
    row = next(decision.row for decision in (now, other, was) if decision is not None)
    first, second = sorted((row["first_id"], row["second_id"]))
    answers = {"first": known.get(first), "second": known.get(second), "prompt": known.get("prompt")}
    opinions = [_opinion(decision, first) for decision in (was, now, other)]
    sides = [opinion or {"decision": "drop"} for opinion in opinions[1:]]
    about = ("label",) if now and other else ("decision",)
    return Conflict(*_pair(key), about, first, second, opinions[0], sides[0], sides[1], answers)


def _opinion(decision: Decision | None, first: str) -> dict[str, Any] | None:
    """What a line decided, as seen with the answers in the order of their ids."""
    if decision is None:
        return None
    said = decision.said
    turned = {"label": "first" if said == first else "second"} if decision.row["label"] in ("first", "second") else {}
    told = {name: decision.row.get(name) for name in TOLD} | turned
    return {"decision": "keep", **{name: value for name, value in told.items() if value is not None}}


def _ordered(
    base: Sequence[Decision],
    ours: Sequence[Decision],
    theirs: Sequence[Decision],
    winners: Mapping[Key, Decision | None],
) -> Iterator[str]:
    """The lines of the result: OURS less what THEIRS took out, with what THEIRS added in the place where it counts.

    THEIRS' lines on a pair on which OURS counts come before those that OURS added; all others at the end.
    """
    gone = _more(base, theirs)
    kept = list(_without(ours, gone))
    new = _more(ours, base)
    added = list(_only(theirs, _more(theirs, base) - new))
    start = next((i for i, d in enumerate(kept) if new[d.line]), len(kept))
    ours_counts = {d.key for d in kept if winners.get(d.key) == d}
    before = [d for d in added if d.key in ours_counts]
    after = [d for d in added if d.key not in ours_counts]
    log = [d for d in (*kept[:start], *before, *kept[start:], *after) if winners.get(d.key) is not None]
    yield from (d.line for d in log)
    last = _effective(log)
    for key in sorted(winners):  # a log that was not only added to may still end with another line: said once more
        winner = winners[key]
        if winner is not None and (key not in last or last[key].said != winner.said):
            yield winner.line


def _more(log: Sequence[Decision], than: Sequence[Decision]) -> Counter[str]:
    """The lines that a log has more of than another, and how many more."""
    return Counter(d.line for d in log) - Counter(d.line for d in than)


def _without(log: Sequence[Decision], gone: Counter[str]) -> Iterator[Decision]:
    left = gone.copy()
    for decision in log:
        if left[decision.line] > 0:
            left[decision.line] -= 1
        else:
            yield decision


def _only(log: Sequence[Decision], wanted: Counter[str]) -> Iterator[Decision]:
    """These lines of a log, the last of equal ones."""
    left, found = wanted.copy(), []
    for decision in reversed(log):
        if left[decision.line] > 0:
            left[decision.line] -= 1
            found.append(decision)
    yield from reversed(found)
