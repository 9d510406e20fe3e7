"""What to do next: findings ranked by harm and by the pairs they still touch; and what the policy has dealt with."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prefq.policy import DEFAULT_POLICY
from prefq.report.advice import harm, why
from prefq.report.fates import Fate
from prefq.report.habits import Habits
from prefq.report.numbers import ratio
from prefq.report.results import Concentration, Result
from prefq.report.survival import Survival
from prefq.report.text import brief

DONE = ("drop", "merge")
"""Actions after which nothing is left for a person to do."""
MOST = 6
HABIT = 0.6
"""From this share on, a rule as simple as "take the longer one" is a finding; for all surface features together 0.7."""
LOST = 0.01
"""From this share on, pairs of which a trainer reads nothing that teaches are a finding."""
PLAINER = "No setting mends this: add or weigh up pairs in which the better answer has the plainer form."


@dataclass(frozen=True)
class Finding:
    """One thing to look at. `policy` is what curation does with such pairs, `usual` what it does by default."""

    check: str | None
    title: str
    why: str
    count: int
    whole: int
    weight: float
    where: Concentration | None = None
    row_id: str | None = None
    policy: str | None = None
    usual: str | None = None
    fate: Fate | None = None
    section: str = ""
    """Where the page says more of a finding that is no check's."""
    remedy: str = ""
    """What can be done about a finding that is no check's."""

    @property
    def share(self) -> float | None:
        """The share of the rows that were looked at."""
        return self.count / self.whole if self.whole else None


def findings(
    results: Sequence[Result], habits: Habits, policy: Mapping[str, str], survival: Sequence[Survival] = ()
) -> tuple[Finding, ...]:
    """At most six findings that a person may act on, those first that do most harm to most pairs."""
    found = [_of_check(r, policy) for r in results if r.count and harm(r.name) and not handled(r, policy)]
    ranked = sorted([*found, *_of_habits(habits), *_of_survival(survival)], key=lambda f: (-f.weight, f.check or ""))
    return tuple(ranked[:MOST])


def settled(results: Sequence[Result], policy: Mapping[str, str]) -> tuple[Result, ...]:
    """The checks whose pairs curation has dealt with, the most harmful first."""
    done = [r for r in results if r.count and harm(r.name) and handled(r, policy)]
    return tuple(sorted(done, key=lambda r: (-_weight(r, r.count or 0), r.name)))


def handled(result: Result, policy: Mapping[str, str]) -> bool:
    """Whether no pair that the check flags is left to decide: all dropped, merged, or one kept of each group."""
    fate = result.fate
    return fate is not None and (policy.get(result.name) in DONE or not fate.kept + fate.waiting)


def _weight(result: Result, touched: float) -> float:
    return harm(result.name) ** 2 * math.sqrt(touched / result.decided) if result.decided else 0.0


def _of_check(result: Result, policy: Mapping[str, str]) -> Finding:
    fate = result.fate
    touched = fate.kept + 0.6 * fate.waiting if fate else result.count or 0
    return Finding(
        check=result.name,
        title=result.description.split(". ")[0].rstrip("."),
        why=why(result.name),
        count=result.count or 0,
        whole=result.decided,
        weight=_weight(result, touched),
        where=result.where,
        row_id=result.row_id,
        policy=policy.get(result.name, "keep"),
        usual=DEFAULT_POLICY.get(result.name, "keep"),
        fate=fate,
    )


def _of_habits(habits: Habits) -> list[Finding]:
    """A finding when length, or the surface as a whole, tells the label well enough to be learnt for quality."""
    share = habits.length_share
    if share is not None and habits.unequal >= 100 and max(share, 1 - share) >= HABIT:
        return [_length_habit(habits, share)]
    surface = habits.surface
    if surface is None or surface.n < 100 or surface.value < HABIT + 0.1:
        return []
    told = " ".join(
        f"More {f.words}: chosen in {ratio(f.share.value)}." for f in habits.clear[:2] if f.share.value > 0.5
    )
    return [
        Finding(
            check=None,
            title="Form gives the label away: length, layout and set phrases predict it",
            why=f"A reward model finds these rules before it finds quality. {told}".strip(),
            count=round(surface.value * surface.n),
            whole=surface.n,
            weight=_habit_weight(surface.value),
            section="judge",
            remedy=PLAINER,
        )
    ]


def _length_habit(habits: Habits, share: float) -> Finding:
    side, more = ("longer", share) if share > 0.5 else ("shorter", 1 - share)
    text = f"“Take the {side} answer” is right this often where lengths differ; a reward model finds that rule first."
    return Finding(
        check=None,
        title=f"Length gives the label away: the chosen answer is the {side} one",
        why=text,
        count=round(more * habits.unequal),
        whole=habits.unequal,
        weight=_habit_weight(more),
        section="lengths",
        remedy=PLAINER,
    )


def _of_survival(survival: Sequence[Survival]) -> list[Finding]:
    """A finding when a trainer loses pairs that curation keeps (or all, before it): of the one that loses most."""
    left = [(found.kept or found.losses, found) for found in survival]
    hurt = [(told, found) for told, found in left if told.pairs and told.lost >= LOST * told.pairs]
    if not hurt:
        return []
    told, found = max(hurt, key=lambda entry: (entry[0].lost / entry[0].pairs, entry[1].ask.name))
    counts = {
        "at which it stops with an error": told.refused,
        "dropped in silence": told.dropped - told.refused,
        "left without a difference": told.lost - told.dropped,
    }
    gone = " and ".join(f"{n:,} {what}" for what, n in counts.items() if n)
    return [
        Finding(
            check=None,
            title=f"{found.ask.name} would learn nothing from some of the pairs",
            why=f"At {found.ask.max_length:,} tokens of {brief(found.ask.tokenizer)}: {gone}.",
            count=told.lost,
            whole=told.pairs,
            weight=9 * math.sqrt(told.lost / told.pairs),
            section="survival",
            remedy="Give the trainer more length, or take such pairs out knowingly: answer_too_long, prompt_too_long.",
        )
    ]


def _habit_weight(share: float) -> float:
    return 16 * math.sqrt(max(0.0, 2 * share - 1)) / 2
