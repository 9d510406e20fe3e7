"""What curation does with what the checks flag: one action per check.

The defaults remove what cannot teach a preference (empty or equal answers, broken conversations, benchmark prompts),
hold out for review what only a person can decide, and leave alone what is merely unusual. Likely wrong labels are
held out, never flipped: editing labels on a model's word gained nothing reliable where it was measured, and surface
habits explain most of such flags.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from prefq.errors import SettingsError
from prefq.registry import did_you_mean

ACTIONS = ("drop", "review", "flip", "merge", "soft", "weight", "keep")
"""What may become of a flagged row, the strongest first. `merge`: one row of a duplicate group stays for all.
`soft` and `weight`: rows stay, and every label, flagged or not, counts by how likely it is right (`prefq.belief`)."""

BELIEVED, SUSPECT = ("soft", "weight"), "likely_mislabelled"
"""Actions without a threshold, and the one check that has them."""

DUPLICATES = ("exact_duplicate", "near_duplicate", "repeated_judgement")
"""The checks that `merge` is for. Exact repeats merge under any policy: a pair is in the curated set once."""

DEFAULT_POLICY: Mapping[str, str] = {
    "empty_answer": "drop",
    "empty_prompt": "drop",
    "identical_answers": "drop",
    "whitespace_only_difference": "drop",
    "prompt_not_user_last": "drop",
    "special_tokens": "drop",
    "benchmark_overlap": "drop",
    "answer_too_long": "review",
    "prompt_too_long": "review",
    "role_marker": "review",
    "mojibake": "review",
    "pii": "review",
    "preference_cycle": "review",
    "answer_both_ways": "review",
    "likely_mislabelled": "review",
    "exact_duplicate": "merge",
    "near_duplicate": "merge",
    "repeated_judgement": "merge",
}
"""A check that is not here is kept: it informs. What becomes of contradictions follows from the rule for their kind
(CONTRADICTIONS); an action that the settings name for their checks goes before it."""

RULES = ("keep_majority", "drop_all", "review")
"""What may become of judgements that contradict each other. `keep_majority`: what has most votes stays; even votes go
to review; of a cycle, only the lightest set of judgements whose removal breaks it is dropped."""

CONTRADICTIONS: Mapping[str, str] = {
    "swapped": "keep_majority",
    "cycle": "review",
    "both_ways": "review",
    "tie": "keep_majority",
}
"""The rule for each kind. `swapped` and `tie` are also what becomes of judgements of one pair that disagree."""

CONTRADICTION_CHECKS: Mapping[str, str] = {
    "swapped": "swapped_duplicate",
    "cycle": "preference_cycle",
    "both_ways": "answer_both_ways",
}
"""The check that flags each kind."""

_ACTION_OF_RULE = {"keep_majority": "keep", "drop_all": "drop", "review": "review"}

REASONS: Mapping[str, str] = {
    "exact_duplicate": "the same judgement again",
    "near_duplicate": "nearly the same pair as another one",
    "vote": "another annotator's judgement of a pair that is kept once",
    "disagreement": "the judgements of the pair disagree",
    "tie": "no answer is preferred",
    "human_label": "annotators decided",
    "human_disagreement": "annotators' decisions disagree",
}
"""Reasons in the ledger that are no check's verdict of their own."""


@dataclass(frozen=True)
class CurateSettings:
    """The `curate` section of the settings, checked."""

    policy: Mapping[str, str] = field(default_factory=lambda: DEFAULT_POLICY)
    """The action of each check; a check that is not here is kept."""
    contradictions: Mapping[str, str] = field(default_factory=lambda: CONTRADICTIONS)
    """The rule for each kind of contradiction."""
    ties: str = "drop"
    split: Mapping[str, float] = field(default_factory=lambda: {"train": 0.9, "validation": 0.05, "test": 0.05})
    honour: bool = True
    """Whether a split that the source gives is kept."""

    @property
    def believed(self) -> str | None:
        """`soft` or `weight`, where labels count by how likely they are right."""
        action = self.policy.get(SUSPECT)
        return action if action in BELIEVED else None

    def checks(self, action: str) -> list[str]:
        """The checks that have this action, in the policy's order."""
        return [check for check, chosen in self.policy.items() if chosen == action]


def read_settings(section: Mapping[str, Any], known: Collection[str]) -> CurateSettings:
    """The `curate` section over the defaults; `known` are the checks that exist.

    Raises SettingsError for an unknown check, action or choice.
    """
    given = dict(section)
    rules = _rules(given.pop("contradictions", None) or {})
    policy = full_policy(given.pop("policy", None) or {}, known, rules)
    for key, value in given.items():
        if key not in _CHOICES:
            names = ("policy", "contradictions", *_CHOICES)
            raise SettingsError(f"There is no setting curate.{key}{did_you_mean(key, names)}")
        if _CHOICES[key] and value not in _CHOICES[key]:
            raise SettingsError(f"curate.{key} must be one of {', '.join(_CHOICES[key])}, not {value!r}.")
    if "split" in given:
        shares = dict(given.pop("split"))
        given |= {"honour": shares.pop("honour", True), "split": shares}
    return CurateSettings(policy=policy, contradictions=rules, **given)


_CHOICES = {"ties": ("drop", "keep"), "split": ()}


def _rules(given: Mapping[str, Any]) -> dict[str, str]:
    for kind, rule in given.items():
        if kind not in CONTRADICTIONS:
            raise SettingsError(f"curate.contradictions has no kind {kind!r}{did_you_mean(str(kind), CONTRADICTIONS)}")
        if rule not in RULES:
            raise SettingsError(f"curate.contradictions.{kind} must be one of {', '.join(RULES)}, not {rule!r}.")
    return {**CONTRADICTIONS, **given}


def full_policy(
    given: Mapping[str, Any], known: Collection[str], rules: Mapping[str, str] = CONTRADICTIONS
) -> dict[str, str]:
    """The action of every known check: `given` over the defaults and the rules for contradictions, ordered as `known`.

    Raises SettingsError for a check or an action that does not exist, and for `merge` on what is no duplicate.
    """
    for name, action in given.items():
        if name not in known:
            raise SettingsError(f"curate.policy: there is no check {name!r}{did_you_mean(str(name), known)}")
        if action not in ACTIONS:
            raise SettingsError(
                f"curate.policy.{name}: there is no action {action!r}{did_you_mean(str(action), ACTIONS)}"
            )
        if action == "merge" and name not in DUPLICATES:
            raise SettingsError(
                f"curate.policy.{name}: merge is for {', '.join(DUPLICATES)}; write keep, drop, flip or review."
            )
        if action in BELIEVED and name != SUSPECT:
            raise SettingsError(f"curate.policy.{name}: {action} is for {SUSPECT}; write keep, drop, flip or review.")
        if action in ("drop", "flip") and name in DUPLICATES:
            raise SettingsError(
                f"curate.policy.{name}: {action} would be the end of every copy; merge keeps one of them."
                " Write merge, review or keep."
            )
    ruled = {CONTRADICTION_CHECKS[kind]: _ACTION_OF_RULE[rules[kind]] for kind in ("cycle", "both_ways")}
    return {name: given.get(name, {**DEFAULT_POLICY, **ruled}.get(name, "keep")) for name in known}
