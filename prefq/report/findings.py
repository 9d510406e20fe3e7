"""What to do next: findings ranked by how much harm they do and how many pairs they touch."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prefq.policy import DEFAULT_POLICY
from prefq.report.figures import Lengths
from prefq.report.results import Concentration, Result

ADVICE: dict[str, tuple[int, str]] = {
    "benchmark_overlap": (5, "Training on a benchmark's prompts makes its scores worthless."),
    "identical_answers": (5, "Two identical answers carry no preference."),
    "empty_answer": (5, "An empty answer teaches the model to say nothing, or to prefer anything over it."),
    "swapped_duplicate": (5, "The same two answers are preferred both ways round: one of the labels is wrong."),
    "preference_cycle": (5, "A beats B beats C beats A: at least one of the labels is wrong."),
    "answer_both_ways": (4, "One answer to one prompt is chosen here and rejected there."),
    "likely_mislabelled": (4, "The judge, which never saw these rows, disagrees with the label."),
    "only_chosen_refuses": (
        4,
        "Only the chosen answer refuses: right for harmful prompts, a lesson in over-refusal elsewhere.",
    ),
    "role_marker": (4, "A turn marker inside an answer: the transcript was split at the wrong place."),
    "special_tokens": (4, "Another model's control tokens would be learnt as text."),
    "pii": (4, "Personal data or keys would be learnt and repeated."),
    "prompt_not_user_last": (4, "The prompt does not end with a user turn, so the answer answers nobody."),
    "whitespace_only_difference": (4, "The answers differ only in spacing or case: the preference is noise."),
    "mojibake": (3, "Wrongly decoded text; better mended at the source than dropped."),
    "control_characters": (3, "Characters no reader sees, but every tokenizer does."),
    "repetition": (3, "Loops are what the trained model should unlearn; a chosen one teaches them."),
    "truncated_answer": (3, "A cut-off answer is judged for its length limit, not for what it says."),
    "language_mismatch": (3, "An answer in another language or script than the prompt."),
    "near_identical_answers": (3, "Little separates the two answers; make sure that little is what was judged."),
    "exact_duplicate": (3, "The same pair again counts twice in training and leaks between splits."),
    "repeated_judgement": (2, "Several judgements of one pair; curate folds them into one row."),
    "near_duplicate": (2, "Near copies lend their prompts more weight; splits keep them together in any case."),
    "length_ratio": (2, "One answer is many times longer: length alone may have decided."),
    "answer_too_long": (2, "Longer than training will see: it is cut there, whatever it says."),
    "prompt_too_long": (2, "Longer than training will see: the question itself may be cut."),
    "answer_too_short": (2, "Hardly an answer."),
    "html_leftover": (2, "Markup left over from scraping."),
    "chosen_refuses": (1, "Refusals are preferred here; look at whether the prompts deserve it."),
    "off_pattern": (2, "The label goes against what labels on such pairs usually say."),
    "model_unsure": (1, "Judges trained on different parts of the data disagree here."),
    "rejected_refuses": (0, "The rejected answer refuses: what most people want a model to learn."),
    "contrast_pair": (0, "Near in form, different in meaning: worth having."),
    "ambiguous": (1, "The judge cannot tell these apart; people may not either."),
}
"""Check → (harm from 1 to 5, why); harm 0 informs and is no finding."""
DEFAULT_ADVICE = (1, "Look at the examples, then decide.")
OPEN = {"keep": 1.6, "review": 1.0, "flip": 1.0}
"""Findings that still need a person rank before those whose pairs the policy takes out by itself (0.5)."""
MOST = 8


@dataclass(frozen=True)
class Finding:
    """One thing to look at. `policy` is what curation does with such pairs, `usual` what it does by default."""

    check: str | None
    title: str
    why: str
    count: int
    whole: int
    where: Concentration | None = None
    row_id: str | None = None
    policy: str | None = None
    usual: str | None = None

    @property
    def share(self) -> float | None:
        """The share of the rows that were looked at."""
        return self.count / self.whole if self.whole else None


def findings(results: Sequence[Result], lengths: Lengths, policy: Mapping[str, Any]) -> tuple[Finding, ...]:
    """At most eight findings: those first that harm most, touch most pairs and are not yet dealt with."""
    ranked = sorted((r for r in results if _weight(r, policy)), key=lambda r: (-_weight(r, policy), r.name))
    found = [_of_check(r, policy) for r in ranked]
    short = _length_shortcut(lengths)
    return tuple([*found[:3], *short, *found[3:]][:MOST])


def _weight(result: Result, policy: Mapping[str, Any]) -> float:
    harm = ADVICE.get(result.name, DEFAULT_ADVICE)[0]
    return harm * math.sqrt(result.share or 0) * OPEN.get(policy.get(result.name, "keep"), 0.5)


def _of_check(result: Result, policy: Mapping[str, Any]) -> Finding:
    _, why = ADVICE.get(result.name, DEFAULT_ADVICE)
    return Finding(
        check=result.name,
        title=result.description.split(". ")[0].rstrip("."),
        why=why,
        count=result.count or 0,
        whole=result.decided,
        where=result.where,
        row_id=result.row_id,
        policy=str(policy.get(result.name, "keep")),
        usual=DEFAULT_POLICY.get(result.name, "keep"),
    )


def _length_shortcut(lengths: Lengths) -> list[Finding]:
    """Length tells the label apart well enough for a model to learn length instead of quality."""
    unequal = lengths.longer + lengths.shorter
    more = max(lengths.longer, lengths.shorter)
    if unequal < 100 or more / unequal < 0.6:
        return []
    side = "longer" if more == lengths.longer else "shorter"
    why = f"“Take the {side} answer” is right this often where lengths differ; a reward model finds that rule first."
    return [Finding(None, f"Length gives the label away: the chosen answer is the {side} one", why, more, unequal)]
