"""Defects that take several records: repeats, contradictions, contrasts, overlaps with a benchmark."""

import re
from collections.abc import Callable
from dataclasses import replace

from prefq.synthetic import sums
from prefq.synthetic.bank.phrases import SLOTS
from prefq.synthetic.draft import Draft
from prefq.synthetic.draw import Draw
from prefq.synthetic.plants import with_second_answer
from prefq.synthetic.row import Mark, Row, clean, row
from prefq.synthetic.tasks import any_draft, draft_in, speaker_of

Family = Callable[[Draw, str], list[Row]]


def _both(rows: list[Row], check: str, kind: str, *also: str) -> list[Row]:
    """Two rows that are marked as each other's partner."""
    marks = (Mark(check=check, kind=kind, partner=partner, also=also) for partner in (1, 0))
    return [replace(r, marks=(mark,)) for r, mark in zip(rows, marks, strict=True)]


def exact_duplicate(draw: Draw, kind: str) -> list[Row]:
    """The same record twice."""
    first = clean(any_draft(draw))
    return _both([first, first], "exact_duplicate", kind)


def near_duplicate(draw: Draw, kind: str) -> list[Row]:
    """A record, and the same with a changed prompt or a touched answer."""
    draft = draft_in(draw, "en")
    while len(draft.question) < 60 or (kind == "answer" and len(draft.good) < 120):
        draft = draft_in(draw, "en")
    other = draft.asking(reworded(draw, draft.question, kind))
    if kind == "answer":
        other = replace(draft, good=f"{draft.good} {draw.pick(('Cheers!', 'All the best!', 'Good luck!'))}")
    return _both([clean(draft), clean(other)], "near_duplicate", kind)


def reworded(draw: Draw, text: str, kind: str) -> str:
    """The text with other case, signs, a typing error or an opener: the same question still."""
    if kind == "case":
        return text.lower()
    if kind == "punctuation":
        return text.replace(",", "").rstrip(".!?") + draw.pick(("!!", "??", "..."))
    if kind == "typing_error":
        return _typing_error(draw, text)
    return draw.pick(("Hi! ", "Hello there. ", "Please help. ")) + text if kind == "opener" else text


def _typing_error(draw: Draw, text: str) -> str:
    """Two neighbouring small letters inside a word exchanged."""
    places = [m.start() for m in re.finditer(r"(?<=[a-z])(?=([a-z])(?!\1)[a-z][a-z])", text)]
    at = draw.pick(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def swapped_duplicate(draw: Draw, kind: str) -> list[Row]:
    """The same two answers, each chosen once."""
    draft = any_draft(draw)
    rows = [clean(draft), row(draft, draft.bad, draft.good)]
    both = _both(rows, "swapped_duplicate", kind, "answer_both_ways", "likely_mislabelled")
    # One pair, judged twice with two results.
    return [replace(r, marks=(*r.marks, replace(r.marks[0], check="repeated_judgement", also=()))) for r in both]


def preference_cycle(draw: Draw, kind: str) -> list[Row]:
    """Three judgements of one prompt that run in a circle."""
    draft = with_second_answer(draw)
    answers = draw.shuffled((draft.good, draft.also_good or "", draft.bad))
    also = ("answer_both_ways", "likely_mislabelled", "ambiguous")
    marks = [Mark(check="preference_cycle", kind=kind, partner=(i + 1) % 3, also=also) for i in range(3)]
    return [row(draft, answers[i], answers[(i + 1) % 3], marks[i]) for i in range(3)]


def answer_both_ways(draw: Draw, kind: str) -> list[Row]:
    """An answer wins, a carelessly typed copy wins as well, and a copy of that copy loses against another answer."""
    draft = draft_in(draw, "en")
    while draft.also_good is None:
        draft = draft_in(draw, "en")
    copy = _mistyped(draw, draft.good)
    again = _mistyped(draw, copy)
    also = ("swapped_duplicate", "near_duplicate", "repeated_judgement", "likely_mislabelled", "contrast_pair")
    marks = [Mark(check="answer_both_ways", kind=kind, partner=partner, also=also) for partner in (2, 2, 0)]
    answers = ((draft.good, draft.bad), (copy, draft.bad), (draft.also_good, again))
    return [row(draft, *pair, mark) for pair, mark in zip(answers, marks, strict=True)]


def _mistyped(draw: Draw, text: str) -> str:
    for _ in range(len(text) // 26):
        text = _typing_error(draw, text)
    return text


def two_comparisons(draw: Draw, kind: str) -> list[Row]:
    """One prompt with two consistent judgements (a over b, c over b): no repeat and no contradiction."""
    draft = with_second_answer(draw)
    rows = [clean(draft), row(draft, draft.also_good or "", draft.bad)]
    checks = ("exact_duplicate", "near_duplicate", "answer_both_ways")
    marks = tuple(Mark(check=check, kind=kind, look_alike=True) for check in checks)
    return [replace(r, marks=marks) for r in rows]


def contrast_pair(draw: Draw, kind: str) -> list[Row]:
    """Two records whose prompts are near in form and differ in what they ask."""
    pair = {"number": _other_numbers, "name": _other_name, "negation": _negated}[kind](draw)
    return _both([clean(draft) for draft in pair], "contrast_pair", kind)


def _other_numbers(draw: Draw) -> tuple[Draft, Draft]:
    speaker = speaker_of(draw, "en")
    words = sums.problem(speaker)
    first = second = sums.solved(speaker, words)
    while second.good == first.good or second.question == first.question:
        second = sums.solved(speaker, words)
    return first, second


def _other_name(draw: Draw) -> tuple[Draft, Draft]:
    draft = draft_in(draw, "en")
    while not (names := [n for n in SLOTS["surname"] if n in draft.question]):
        draft = draft_in(draw, "en")
    old, new = names[0], draw.pick([n for n in SLOTS["surname"] if n not in draft.question])
    return draft, replace(
        draft.asking(draft.question.replace(old, new)),
        good=draft.good.replace(old, new),
        bad=draft.bad.replace(old, new),
    )


def _negated(draw: Draw) -> tuple[Draft, Draft]:
    thing, day = draw.pick(SLOTS["name"]), draw.pick(SLOTS["day"])
    subject, yes, no = draw.pick(NEGATABLE)
    question = f"{thing} asked me {draw.pick(SLOTS['when'])}: why is it {{}} to {subject}, above all on a {day}?"
    bad = f"Ask {thing}, I have no idea about that and no wish to find out."
    turns = [(("user", question.format(word)),) for word in ("good", "not good")]
    positive, negative = (
        Draft("advice", "en", turn, answer, None, bad, True) for turn, answer in zip(turns, (yes, no), strict=True)
    )
    return positive, negative


NEGATABLE = (
    (
        "water the lawn at noon",
        "At noon you see at once which patches are dry, and a quick shower cools the grass.",
        "Much of the water evaporates in the heat before it reaches the roots, so early morning is better.",
    ),
    (
        "eat just before a swim",
        "A small snack keeps your energy up, as long as it is light and easy to digest.",
        "A full stomach takes blood that the muscles need, and many people get cramps or feel sick.",
    ),
    (
        "save passwords in the browser",
        "It lets you use long, different passwords everywhere without having to remember them.",
        "Anyone who can open the computer may read them, so a separate vault with its own lock is safer.",
    ),
    (
        "charge a phone overnight",
        "It is ready in the morning, and modern phones stop by themselves when they are full.",
        "Hours at a full charge and in the warmth under a pillow age the battery.",
    ),
    (
        "work to loud music",
        "For dull tasks a steady rhythm lifts the mood and masks the chatter of others.",
        "Lyrics compete with reading and writing, which makes mistakes more likely.",
    ),
    (
        "let a cat sleep in the bed",
        "Many owners find the warmth and the purring calming, and the cat feels safe.",
        "Cats are awake at four, and people with allergies breathe in hair all night.",
    ),
)


def benchmark_overlap(draw: Draw, kind: str) -> list[Row]:
    """A record whose prompt is, nearly is or contains a benchmark's, and one with the benchmark's own prompt."""
    draft = benchmark_draft(draw)
    words = draft.question.split(" ")
    if kind == "exact":
        asked = draft.question
    elif kind == "near":
        asked = reworded(draw, _typing_error(draw, draft.question), draw.pick(("case", "punctuation", "opener")))
    else:
        speaker = speaker_of(draw, "en")
        part = " ".join(words[draw.below(len(words) - 15) :][:15])
        asked = speaker.say(
            f"For {{group}}, {{name}} noted this down {{when}}: … {part} … What would you answer {{surname}}?"
        )
    mark = Mark(check="benchmark_overlap", kind=kind, side="prompt", benchmark="")
    return [replace(clean(draft.asking(asked)), marks=(mark,)), clean(draft)]


def benchmark_draft(draw: Draw) -> Draft:
    """A single question of 18 words at least, as a benchmark would ask."""
    draft = draft_in(draw, "en")
    while len(draft.prompt) > 1 or draft.task in ("summary", "code") or len(draft.question.split(" ")) < 18:
        draft = draft_in(draw, "en")
    return draft
