"""How much harm each check's finding does in training, and why; what is done about it is the policy's matter."""

from dataclasses import dataclass

import polars as pl

ADVICE: dict[str, tuple[int, str]] = {
    "benchmark_overlap": (5, "Training on a benchmark's prompts makes its scores worthless."),
    "identical_answers": (5, "Two identical answers carry no preference."),
    "empty_answer": (5, "An empty answer teaches the model to say nothing, or to prefer anything over it."),
    "swapped_duplicate": (5, "The same two answers are preferred both ways round: one of the labels is wrong."),
    "preference_cycle": (5, "A over B, B over C, C over A: at least one of the labels is wrong."),
    "answer_both_ways": (4, "One answer to one prompt is chosen here and rejected there."),
    "likely_mislabelled": (4, "A judge of other prompts, or other judgements of the answers, contradict the label."),
    "only_chosen_refuses": (4, "Right for harmful prompts, a lesson in over-refusal everywhere else."),
    "role_marker": (4, "The transcript was split at the wrong place, or the answer plays both parts."),
    "special_tokens": (4, "Another model's control tokens would be learnt as text."),
    "pii": (4, "Personal data or keys would be learnt and repeated."),
    "prompt_not_user_last": (4, "The answer answers nobody."),
    "empty_prompt": (4, "Nothing is asked: an answer to everything is an answer to nothing."),
    "whitespace_only_difference": (4, "Spacing or case is all that was preferred: the label is noise."),
    "mojibake": (3, "Wrongly decoded text; better mended at the source than dropped."),
    "control_characters": (3, "Characters no reader sees, but every tokenizer does."),
    "repetition": (3, "Loops are what the trained model should unlearn; a chosen one teaches them."),
    "truncated_answer": (3, "A cut-off answer is judged for its length limit, not for what it says."),
    "language_mismatch": (3, "A model that learns from these answers in the wrong language."),
    "near_identical_answers": (3, "Little separates the two answers; make sure that little is what was judged."),
    "exact_duplicate": (3, "The same judgement again counts twice in training and leaks between splits."),
    "near_duplicate": (2, "Near copies lend their prompts more weight than others have."),
    "repeated_judgement": (2, "Several judgements of one pair are votes on it, not several pairs."),
    "reused_answer": (3, "Boilerplate, or a model that says the same whatever it is asked."),
    "answer_contains_other": (2, "One answer goes on where the other ends: length is all that was judged."),
    "prompt_in_answer": (1, "An answer that repeats its question spends the reader's time, and a judge's favour."),
    "length_ratio": (2, "Length alone may have decided."),
    "answer_too_long": (2, "Longer than training will see: it is cut there, whatever it says."),
    "prompt_too_long": (2, "Longer than training will see: the question itself may be cut."),
    "answer_too_short": (2, "A word where an explanation was asked for."),
    "html_leftover": (2, "Markup left over from scraping would be learnt as text."),
    "chosen_refuses": (1, "Refusals are preferred here; look at whether the prompts deserve it."),
    "ambiguous": (1, "Such labels are close to a coin toss; they teach little."),
    "off_pattern": (0, "Surface habits alone explain the doubt, so the label may well be right."),
    "model_unsure": (0, "The judge has no opinion; often what is worth a person's time."),
    "rejected_refuses": (0, "What most people want a model to learn."),
    "contrast_pair": (0, "Near in form, different in meaning: worth having, and never merged."),
}
"""Check → (harm from 1 to 5, why); harm 0 informs and is no finding."""
DEFAULT = (1, "Look at the examples, then decide.")


def harm(check: str) -> int:
    """How much harm what the check finds does, from 1 to 5; 0 when it only informs."""
    return ADVICE.get(check, DEFAULT)[0]


def flagged_rows(flags: pl.DataFrame) -> tuple[int, int]:
    """How many rows have a flag that tells of harm, and how many of the others one that only informs."""
    checks = [name for name in flags.columns if name != "row_id"]
    harmful, any_at_all = (
        pl.any_horizontal(pl.lit(False), *(pl.col(name).fill_null(False) for name in names))
        for names in ([name for name in checks if harm(name)], checks)
    )
    counts = flags.select(harmful=harmful, informed=any_at_all & ~harmful)
    return int(counts["harmful"].sum()), int(counts["informed"].sum())


def why(check: str) -> str:
    """Why that matters, in a sentence."""
    return ADVICE.get(check, DEFAULT)[1]


@dataclass(frozen=True)
class Tier:
    """A group of checks by harm: from `least` up to the next tier."""

    title: str
    about: str
    least: int


TIERS = (
    Tier("Defects", "They teach something wrong, or nothing.", 4),
    Tier("Worth a look", "They weaken the data, or may be right where they stand.", 1),
    Tier("For your information", "No defects: good to know, and no reason to take a pair out.", 0),
)


def tier(check: str) -> Tier:
    """The group that a check belongs to."""
    return next(t for t in TIERS if harm(check) >= t.least)
