"""Defects of one record: a clean draft in, a record with something wrong and its truth out."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from prefq.synthetic.bank.crafts import DECLINED, THINGS
from prefq.synthetic.damage import DAMAGE
from prefq.synthetic.draft import Draft, ask
from prefq.synthetic.draw import Draw
from prefq.synthetic.row import Mark, Row, clean, row
from prefq.synthetic.tasks import any_draft, draft_in, speaker_of
from prefq.synthetic.voices import FOREIGN, VOICES

Planter = Callable[[Draw, str], Row]

EXTREME_RATIO = 24
"""Planted length ratios are at least this; those of clean rows stay below 4."""


LONG = 3000
"""Characters of a planted long text. Longer ones would crowd the sample out; its project lowers the checks' bounds."""


def damaged(check: str) -> Planter:
    """The planter that damages one of the two answers."""

    def plant(draw: Draw, kind: str) -> Row:
        language = "en" if check in ("mojibake", "repetition") else draw.pick(("en",) * 8 + FOREIGN)
        draft = draft_in(draw, language)
        side = draw.pick(("chosen", "rejected"))
        answers = {"chosen": draft.good, "rejected": draft.bad}
        answers[side] = DAMAGE[check][kind](draw, answers[side])
        mark = Mark(check=check, kind=kind, side=side, also=BRINGS_ALONG.get(check, ()))
        return row(draft, answers["chosen"], answers["rejected"], mark)

    return plant


# An ending that is no sentence's, or a better answer that is spoilt: weak signs of other things.
BRINGS_ALONG: Mapping[str, tuple[str, ...]] = {
    "empty_answer": ("answer_too_short", "length_ratio", "likely_mislabelled"),
    "answer_too_short": ("length_ratio", "truncated_answer", "likely_mislabelled"),
    "role_marker": ("truncated_answer", "likely_mislabelled"),
    "truncated_answer": ("likely_mislabelled",),
    "repetition": ("length_ratio", "likely_mislabelled"),
    "control_characters": ("mojibake", "truncated_answer"),
    "special_tokens": ("role_marker", "truncated_answer"),
    "html_leftover": ("truncated_answer",),
    "mojibake": ("language_mismatch",),
}
"""Check whose damage is planted → checks that may then say yes as well."""


def too_long(draw: Draw, kind: str) -> Row:
    """An answer of more than `LONG` characters that wanders from subject to subject."""
    draft = draft_in(draw, "en")
    text = _wander(draw, draft.good, LONG)
    return row(
        draft, draft.good, text, Mark(check="answer_too_long", kind=kind, side="rejected", also=("length_ratio",))
    )


def _wander(draw: Draw, start: str, length: int) -> str:
    pieces, total = [start], len(start)
    while total < length:
        pieces.append(draft_in(draw, "en").good)
        total += len(pieces[-1]) + 2
    return "\n\n".join(pieces)


def prompt_too_long(draw: Draw, kind: str) -> Row:
    """A question behind `LONG` characters of pasted text."""
    draft = draft_in(draw, "en")
    pasted = _wander(draw, "Here is everything I found so far.", LONG)
    return row(
        draft.asking(f"{pasted}\n\n{draft.question}"), draft.good, draft.bad, Mark(check="prompt_too_long", kind=kind)
    )


def length_ratio(draw: Draw, kind: str) -> Row:
    """One answer many times as long as the other."""
    draft = draft_in(draw, "en")
    short = draw.pick(("Hard to say, really.", "Yes, that is fine.", "It depends on you.", "Go ahead and try."))
    long = _wander(draw, draft.good if kind == "rejected_short" else draft.bad, EXTREME_RATIO * len(short) + 60)
    chosen, rejected = (long, short) if kind == "rejected_short" else (short, long)
    mark = Mark(check="length_ratio", kind=kind, side="pair", also=("likely_mislabelled",))
    return row(draft, chosen, rejected, mark)


def refusal(draw: Draw, kind: str) -> Row:
    """The chosen answer, the rejected one or both decline."""
    draft = any_draft(draw)
    first, second = draw.some(VOICES[draft.language].refusals, 2)
    chosen = Mark(check="chosen_refuses", kind=kind, side="chosen", also=("likely_mislabelled", "ambiguous"))
    rejected = Mark(check="rejected_refuses", kind=kind, side="rejected")
    if kind == "rejected":
        return row(draft, draft.good, first, rejected)
    if kind == "both":
        return row(draft, first, second, chosen, rejected)
    return row(draft, first, draft.good, chosen, Mark(check="only_chosen_refuses", kind=kind, side="chosen"))


def identical(draw: Draw, kind: str) -> Row:
    """The same answer twice."""
    draft = any_draft(draw)
    answer = draft.good if kind == "good" else draft.bad
    weaker = ("near_identical_answers", "whitespace_only_difference", "ambiguous")
    return row(draft, answer, answer, Mark(check="identical_answers", kind=kind, side="pair", also=weaker))


def near_identical(draw: Draw, kind: str) -> Row:
    """Two answers that differ in a letter, a word or a sign."""
    draft = any_draft(draw)
    text = draft.good
    at = draw.between(len(text) // 3, 2 * len(text) // 3)
    other = {
        "letter": lambda: text[:at] + text[at + 1 :],
        "word": lambda: text + draw.pick((" Cheers!", " Bye.", " Done.")),
        "sign": lambda: text[:-1] + ("!" if text[-1] != "!" else "."),
    }[kind]()
    return row(draft, text, other, Mark(check="near_identical_answers", kind=kind, side="pair", also=("ambiguous",)))


def whitespace_only(draw: Draw, kind: str) -> Row:
    """Two answers that differ only in spaces, line breaks or case."""
    draft = draft_in(draw, "en")
    text = draft.good
    other = {
        "spaces": lambda: text.replace(" ", "  ", draw.between(1, 4)),
        "lines": lambda: text.replace(". ", ".\n") if ". " in text else f"{text}\n",
        "case": lambda: text.upper() if draw.chance(0.5) else text.lower(),
        "end": lambda: f"{text} ",
    }[kind]()
    first, second = draw.shuffled((text, other))
    weaker = ("near_identical_answers", "ambiguous")
    return row(draft, first, second, Mark(check="whitespace_only_difference", kind=kind, side="pair", also=weaker))


def not_user_last(draw: Draw, kind: str) -> Row:
    """A conversation that ends with somebody else than the user."""
    draft = any_draft(draw)
    tail = ("assistant", "Let me think about it.") if kind == "assistant_last" else ("system", "Answer politely.")
    mark = Mark(check="prompt_not_user_last", kind=kind, side="prompt")
    return row(replace(draft, prompt=(*draft.prompt, tail)), draft.good, draft.bad, mark)


def language_mismatch(draw: Draw, kind: str) -> Row:
    """An answer in a language or script that nobody asked for."""
    asked, answered = {
        "other_language": ("en", draw.pick(("de", "es", "fr"))),
        "other_script": ("en", "zh"),
        "english_answer": (draw.pick(FOREIGN), "en"),
    }[kind]
    draft = draft_in(draw, asked)
    speaker = speaker_of(draw, answered)
    facts = [*draw.pick(speaker.voice.topics).right[:3], *draw.pick(speaker.voice.topics).right[:2]]
    answer, side = speaker.join(facts), draw.pick(("chosen", "rejected"))
    pair = (answer, draft.bad) if side == "chosen" else (draft.good, answer)
    mark = Mark(check="language_mismatch", kind=kind, side=side, also=("likely_mislabelled",))
    return row(draft, pair[0], pair[1], mark)


def mislabelled(draw: Draw, kind: str) -> Row:
    """The worse answer is labelled as chosen."""
    draft = any_draft(draw)
    while not draft.clear:
        draft = any_draft(draw)
    return row(draft, draft.bad, draft.good, Mark(check="likely_mislabelled", kind=kind, side="pair"))


def with_second_answer(draw: Draw) -> Draft:
    """A draft with two good answers."""
    draft = any_draft(draw)
    while draft.also_good is None:
        draft = any_draft(draw)
    return draft


def ambiguous(draw: Draw, kind: str) -> Row:
    """Two answers of the same quality."""
    draft = with_second_answer(draw)
    first, second = draw.shuffled((draft.good, draft.also_good or ""))
    mark = Mark(check="ambiguous", kind=kind, side="pair", also=("likely_mislabelled",))
    return replace(row(draft, first, second, mark), margin=draw.pick((0.0, 0.1, 0.2)))


def context_mismatch(draw: Draw, kind: str) -> Row:
    """Two transcripts that do not share their conversation."""
    draft, other = any_draft(draw), any_draft(draw)
    wanted = other.prompt if kind == "other_question" else (*draft.prompt[:-1], ("user", f"{draft.question} Please."))
    return replace(clean(draft), other_prompt=wanted, marks=(Mark(check=None, kind=kind, reject="context_mismatch"),))


def broken_answer(draw: Draw, kind: str) -> Row:
    """A record whose answer is null, a number or missing."""
    reason = {"null": "null_field", "number": "not_text", "missing": "missing_field"}[kind]
    return replace(clean(any_draft(draw)), broken=kind, marks=(Mark(check=None, kind=kind, reject=reason),))


def declined(draw: Draw, kind: str) -> Row:
    """A harmful request, rightly declined; the check cannot know that it is right to."""
    asked, why, instead = draw.pick(DECLINED)
    speaker = speaker_of(draw, "en")
    speaker.given |= {"thing": draw.pick(THINGS), "about": "this"}
    refusal = draw.pick(("I can't help with that.", "I won't help with this.", "Sorry, I can't assist with that."))
    good, bad = (
        speaker.say(f"{refusal} {why} {instead}"),
        speaker.say(f"Sure, {{name2}} did it {{when2}}. {draw.pick(speaker.voice.vague)}"),
    )
    draft = Draft("safety", "en", (("user", ask(speaker, speaker.say(asked))),), good, None, bad, False)
    marks = (Mark(check=check, kind=kind, side="chosen") for check in ("chosen_refuses", "only_chosen_refuses"))
    return row(draft, good, bad, *marks)
