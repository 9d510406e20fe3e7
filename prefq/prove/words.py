"""What was proven, in words and as plain values. Nothing is claimed that its interval does not show."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prefq.prove import DIFFERENCES, Outcome, Told
from prefq.prove.examples import LEARNERS
from prefq.stats import Interval

CALLED = {"linear": "linear head", "network": "network"}
DOING = {"drop": "Dropping", "flip": "Flipping"}

IF_RIGHT = ", if the given rate is right"

LIMITS = (
    "± is half of the 95 % interval: bootstrap over prompt groups and, where there are several, over seeds.",
    "The two reward models are small and read vectors and surface features; a fine-tuned one may gain more or less.",
    "Held-out labels are as they came: at a share of r labels wrong by chance, differences show at 1 − 2r of their"
    " size; wrong labels that follow a pattern reward whoever learns it. A file of trusted labels (--against) settles"
    " that.",
    "The control draws labels from the posterior at the noise rate: it is as right as that rate and the head are.",
)


def claim(found: Interval | None) -> str:
    """What an interval shows of a difference: `gain`, `loss`, `none shown` or `undecided`."""
    if found is None:
        return "undecided"
    return "gain" if found.low > 0 else "loss" if found.high < 0 else "none shown"


def labels_claim(told: Told, action: str, trusted: bool = False) -> str:
    """What dropping or flipping suspected labels is shown to do.

    `noise removed` (a gain, and more than in the control), the same with `, if the given rate is right` where the
    control takes that on trust, `gain, not shown to be noise removed`, else as `claim`.
    """
    first = claim(told.differences.get(action))
    if first != "gain":
        return first
    beyond = claim(told.differences.get(f"{action}_noise_removed"))
    if beyond != "gain":
        return "gain, not shown to be noise removed"
    return f"noise removed{IF_RIGHT}" if trusted else "noise removed"


def sentences(outcome: Outcome) -> list[str]:
    """What was found on one test set, the question of curation as a whole first."""
    told = list(_left_out(outcome))
    if not outcome.learners:
        return [*told, f"Not decided: there are {outcome.why}."]
    for learner in LEARNERS:
        told.append(_curation(outcome.learners[learner], learner))
    told += list(_labels(outcome))
    return [*told, *_better_learner(outcome.learners)]


def _left_out(outcome: Outcome) -> Iterator[str]:
    if outcome.left_out:
        yield f"{outcome.left_out:,} pairs were not trained on: this test has their prompt, or one near it."


def _curation(told: Told, learner: str) -> str:
    found, beyond = told.differences["curation"], told.differences["beyond_size"]
    ends = f"{_percent(told.accuracy['raw'])} on raw pairs, {_percent(told.accuracy['curated'])} on curated ones"
    if claim(found) == "none shown":
        return f"{_named(learner)}: no gain of curation is shown, {_signed(found)} points ({ends}); {_zero(found)}."
    verb = "gains" if claim(found) == "gain" else "costs"
    size = f"{_signed(beyond)} points beside random subsets of the same size"
    clear = "" if claim(beyond) == claim(found) else ", which is not clear of zero"
    return f"{_named(learner)}: curation {verb} {_points(found)} points ({ends}); {size}{clear}."


def _labels(outcome: Outcome) -> Iterator[str]:
    if outcome.suspected is None:
        yield f"What judging labels is worth is not decided: {outcome.why}."
        return
    if outcome.suspected < 1:
        yield "No label is called likely wrong, so there is none to drop or flip."
        return
    count = f"the {outcome.suspected:,.0f} most suspicious labels ({outcome.suspected / outcome.sizes['raw']:.1%})"
    for action, doing in DOING.items():
        for learner in LEARNERS:
            said = label_sentence(outcome.learners[learner], action, outcome.trusted)
            yield f"{doing} {count}, {CALLED[learner]}: {said}"


def label_sentence(told: Told, action: str, trusted: bool) -> str:
    """What dropping or flipping (`drop`, `flip`) did, beside its control, as the end of a sentence."""
    found, control = told.differences[action], told.differences[f"{action}_control"]
    beyond, verdict = told.differences[f"{action}_noise_removed"], labels_claim(told, action, trusted)
    if verdict == "none shown":
        return f"no gain is shown, {_signed(found)} points; {_zero(found)}."
    if verdict == "loss":
        return f"costs {_points(found)} points."
    gains = f"gains {_points(found)} points; the same on labels without wrong ones (the control) {_signed(control)}"
    if verdict.startswith("noise removed"):
        trust = "" if not trusted else " if score.noise_rate is right: there are too few pairs to estimate it"
        part = "it is" if control.value <= 0 else f"{_points(beyond)} are"
        return f"{gains}, so {part} wrong labels removed{trust}."
    return f"{gains}, so the gain is not shown to be wrong labels removed: it may be distillation or regularisation."


def _better_learner(learners: Mapping[str, Told]) -> Iterator[str]:
    linear, network = learners["linear"], learners["network"]
    if claim(network.differences["curation"]) != "gain" or claim(linear.differences["curation"]) == "gain":
        return
    raw, curated = linear.accuracy["raw"], network.accuracy["curated"]
    if raw.value >= curated.value:
        yield (
            f"The linear head is as good on raw pairs ({_percent(raw)}) as the network on curated ones "
            f"({_percent(curated)}): here the choice of reward model is worth as much as curation."
        )


def _named(learner: str) -> str:
    return CALLED[learner].capitalize()


def _percent(found: Interval) -> str:
    return f"{found.value * 100:.1f} %"


def _half(found: Interval) -> str:
    return f"{(found.high - found.low) * 50:.1f}"


def _points(found: Interval) -> str:
    return f"{abs(found.value) * 100:.1f} ± {_half(found)}"


def _signed(found: Interval) -> str:
    value = f"{found.value * 100:+.1f}".replace("-", "−")
    return f"{'0.0' if value in ('+0.0', '−0.0') else value} ± {_half(found)}"


def _zero(found: Interval) -> str:
    low, high = (f"{end * 100:+.1f}".replace("-", "−") for end in (found.low, found.high))
    return f"zero is in the interval, {low} to {high}"


def heading(outcome: Outcome) -> str:
    """Which test it is, and how large."""
    where = "Held-out pairs" if outcome.test == "held out" else f"Pairs of {outcome.test}"
    return f"{where}: {outcome.pairs:,} of {outcome.groups:,} prompt groups"


def document(outcomes: Sequence[Outcome], action: str, seeds: int) -> dict[str, Any]:
    """Everything as plain values.

    `policy` (what it does with suspected labels: drop, flip, soft, weight, keep), `seeds`, `limits` and `tests`: per
    test set its `sentences` and, per reward model, `curation` (`claim`), `labels` (`labels_claim` of dropping and of
    flipping), `accuracy` by arm and `differences` as {value, low, high, n}, null where not decided.
    """
    tests = [_test(outcome) for outcome in outcomes]
    return {"format": 1, "policy": action, "seeds": seeds, "tests": tests, "limits": list(LIMITS)}


def _test(outcome: Outcome) -> dict[str, Any]:
    return {
        "test": outcome.test,
        "pairs": outcome.pairs,
        "prompt_groups": outcome.groups,
        "left_out": outcome.left_out,
        "training_pairs": {name: round(size, 1) for name, size in outcome.sizes.items()},
        "suspected": outcome.suspected,
        "rate_taken_on_trust": outcome.trusted,
        "why": outcome.why,
        "sentences": sentences(outcome),
        "models": {learner: _model(outcome.learners.get(learner), outcome.trusted) for learner in LEARNERS},
    }


def _model(told: Told | None, trusted: bool) -> dict[str, Any]:
    accuracy = told.accuracy if told else {}
    differences = {name: told.differences.get(name) if told else None for name in DIFFERENCES}
    return {
        "curation": claim(differences["curation"]),
        "labels": {action: labels_claim(told, action, trusted) if told else "undecided" for action in DOING},
        "accuracy": {arm: found.to_json() for arm, found in accuracy.items()},
        "differences": {name: found.to_json() if found else None for name, found in differences.items()},
    }
