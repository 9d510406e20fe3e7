"""The training sets that are compared: raw, curated, random ones of the same size, and those of the control.

The control asks what the part of a policy that judges labels does where there is nothing to put right. A reward model
may gain from losing the pairs that another model finds odd though their labels are right: it is taught by that model
(distillation), or has less to learn by heart (regularisation). A user has no labels without wrong ones; the nearest
there is are labels drawn from what is believed of each: the label as it came with the probability that it is right
(`p_correct`, the posterior at the noise rate), else the other one, several times over (multiple imputation, Rubin
1987). At a noise rate of 0 these are the labels themselves, and no gain can be noise removed. On them the same number
of labels, the most suspicious by scores made anew, is dropped or flipped. The rest of the gain is what removing wrong
labels can claim. It hangs on the noise rate: at one that is too high, labels that are right are turned, and the
control gains too little. So it is the lower end of the interval of the rate that the pairs themselves show, even where
the settings give a rate; only where there are too few of them is that one taken, and then every claim says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from prefq.bradley_terry import Array
from prefq.policy import SUSPECT, CurateSettings
from prefq.prove.examples import Examples, Ints, Mask
from prefq.prove.material import Material, learnt_checks


@dataclass(frozen=True)
class Arms:
    """Training sets by name, each in as many repetitions as it has, and how many labels were suspected.

    `raw`, `curated`, `random` (as many as curated, drawn from raw); `labels_kept` (the policy without the checks that
    go by learnt scores), `dropped` and `flipped` (the same without the suspected labels, or with them turned);
    `control_kept`, `control_dropped`, `control_flipped` (the same three on labels drawn from the posterior, repetition
    by repetition). The last five are there only when labels could be suspected.
    """

    sets: dict[str, tuple[Examples, ...]]
    suspected: int | None
    why: str | None = None
    """Why no label could be suspected."""
    trusted: bool = False
    """Whether the control takes the noise rate of the settings on trust."""


def make_arms(material: Material, rows: Ints, *, seeds: int, draws: int, seed: int) -> Arms:
    """The training sets that can be made of these rows, by nothing but these rows."""
    raw, scores = material.raw(rows), material.scores(rows)
    curated = material.curated(rows, scores, material.policy)
    kept = material.curated(rows, scores, blind(material.policy))
    drawn = tuple(_drawn(raw, len(curated), seed + number) for number in range(seeds))
    sets = {"raw": (raw,), "curated": (curated,), "random": drawn, "labels_kept": (kept,)}
    flagged = material.suspected(rows, scores)
    if flagged is None:
        return Arms(sets, None, "no label can be called likely wrong without a noise rate (score.noise_rate)")
    suspects = _of(rows, flagged, kept) & (kept.targets == 1)
    count = int(suspects.sum())
    sets |= {"dropped": (kept.only(~suspects),), "flipped": (kept.turned(suspects),)}
    right, trusted = material.right(rows, scores)
    controls = [_control(material, rows, right, kept, count, seed + number) for number in range(draws)]
    for place, name in enumerate(("control_kept", "control_dropped", "control_flipped")):
        sets[name] = tuple(control[place] for control in controls)
    return Arms(sets, count, trusted=trusted)


def blind(policy: CurateSettings) -> CurateSettings:
    """The policy with every check that goes by learnt scores kept."""
    learnt = learnt_checks()
    return replace(policy, policy={name: "keep" if name in learnt else act for name, act in policy.policy.items()})


def judges_labels(policy: CurateSettings) -> str:
    """What the policy does with labels that are likely wrong: `drop` (for review, too) or its own action."""
    action = policy.policy.get(SUSPECT, "keep")
    return "drop" if action == "review" else action


def _drawn(raw: Examples, count: int, seed: int) -> Examples:
    chance = np.random.default_rng(seed).random(len(raw))
    inside = np.zeros(len(raw), bool)
    inside[np.argsort(chance, kind="stable")[:count]] = True
    return raw.only(inside)


def _of(rows: Ints, values: Mask, examples: Examples) -> Mask:
    """The values, which go with `rows`, for the examples' rows."""
    return values[np.searchsorted(rows, examples.rows)]


def _control(
    material: Material, rows: Ints, right: Array, kept: Examples, count: int, seed: int
) -> tuple[Examples, Examples, Examples]:
    wrong = np.random.default_rng([seed, 1]).random(len(rows)) >= right
    clean = kept.turned(_of(rows, wrong, kept))
    anew = material.scores(clean.rows, clean.targets == 0)
    suspicion = anew["suspicion"].cast(pl.Float64).fill_null(-1.0).to_numpy()
    suspects = np.zeros(len(clean), bool)
    suspects[np.argsort(-suspicion, kind="stable")[:count]] = True
    return clean, clean.only(~suspects), clean.turned(suspects)


def repeated(arms: Arms) -> Iterator[tuple[str, int, Examples]]:
    """Every training set with its arm and its number in it."""
    for name, sets in arms.sets.items():
        for number, examples in enumerate(sets):
            yield name, number, examples
