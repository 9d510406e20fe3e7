"""A draft of a pair: a conversation, good answers and a worse one; and how answers are built."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from prefq.synthetic.bank import phrases
from prefq.synthetic.draw import Draw
from prefq.synthetic.voices import Speaker, Voice

Turn = tuple[str, str]
"""Who speaks (`system`, `user`, `assistant`), and what."""

LONGER_GOOD = 0.55
"""The share of pairs whose good answer is meant to be the longer one, so that length alone is a poor judge."""

STYLES = ("curt", "curt", "vague", "vague", "vague", "off", "wrong", "wrong")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a pair is made from, before anything is wrong with it."""

    task: str
    language: str
    prompt: tuple[Turn, ...]
    good: str
    also_good: str | None
    """Another answer of the same quality with other content, where the task has one."""
    bad: str
    clear: bool
    """The bad answer is worse by its tone or emptiness, which shows without any knowledge of the matter."""

    @property
    def question(self) -> str:
        """The last user turn."""
        return self.prompt[-1][1]

    def asking(self, question: str) -> "Draft":
        """The same draft with another last user turn."""
        return replace(self, prompt=(*self.prompt[:-1], ("user", question)))


def ask(speaker: Speaker, request: str) -> str:
    """A request with a reason before it and a limit after it, either of which may be missing."""
    before = speaker.one(speaker.voice.reasons) if speaker.draw.chance(0.8) else ""
    after = speaker.one(speaker.voice.limits) if speaker.draw.chance(0.45) else ""
    return speaker.join((before, request, after))


def tell(speaker: Speaker, sentences: Sequence[str]) -> str:
    """Sentences as an answer: prose or a list, sometimes with an opener, always with a word to the one who asked."""
    draw, voice = speaker.draw, speaker.voice
    opener = speaker.one(voice.openers) if draw.chance(0.2) else ""
    closers = [speaker.say(closer) for closer in draw.some(voice.closers, 1 + draw.chance(0.08))]
    said = [speaker.say(sentence) for sentence in sentences]
    layout = draw.below(10)
    if layout < 6 or len(said) < 2:
        return speaker.join((opener, *said, *closers))
    items = [f"{i}. {s}" if layout < 8 else f"- {s}" for i, s in enumerate(said, 1)]
    return "\n".join(part for part in (opener, *items, speaker.join(closers)) if part)


def halves(draw: Draw, sentences: Sequence[str]) -> tuple[list[str], list[str]]:
    """Sentences for two answers that have none in common: two for each, sometimes a third for the first."""
    mixed = draw.shuffled(range(len(sentences)))
    middle = 3 if len(mixed) > 4 and draw.chance(0.05) else 2
    return [sentences[i] for i in sorted(mixed[:middle])], [sentences[i] for i in sorted(mixed[middle : middle + 2])]


def weak(speaker: Speaker, good: str, off_topic: Sequence[str], wrong: Sequence[str] = ()) -> tuple[str, bool]:
    """An answer that is worse than `good`, and whether that shows by its tone or emptiness alone.

    Curt, vague, off the topic or wrong; shorter than `good` or padded beyond it.
    """
    draw, voice = speaker.draw, speaker.voice
    style = draw.pick(STYLES if wrong else STYLES[:6])
    if style == "off":
        start = draw.some(off_topic, 3)
    elif style == "wrong":
        start = [draw.pick(wrong), *draw.some(voice.vague, 1)]
    else:
        start = draw.some(voice.curt if style == "curt" else voice.vague, 2)
    return _fit(speaker, start, good), style in ("curt", "vague")


def _fit(speaker: Speaker, start: Sequence[str], good: str) -> str:
    """The sentences cut below the good answer's length, or padded beyond it with vague ones."""
    said = [speaker.say(sentence) for sentence in start]
    least = max(speaker.voice.shortest, len(good) // 4)
    if speaker.draw.chance(LONGER_GOOD):
        while len(said) > 1 and len(speaker.join(said)) >= len(good):
            said.pop()
    else:
        least = max(least, len(good) + 1)
    for sentence in speaker.draw.shuffled(speaker.voice.vague):
        if len(speaker.join(said)) >= least:
            break
        filler = speaker.say(sentence)
        said += [] if filler in said else [filler]
    return speaker.join(said)


def with_history(speaker: Speaker, draft: Draft) -> Draft:
    """The same draft after one or two earlier exchanges (English only; others stay as they are)."""
    if draft.language != "en":
        return draft
    earlier: list[Turn] = []
    for said, reply in speaker.draw.some(phrases.HISTORY, 1 + speaker.draw.chance(0.25)):
        earlier += [("user", speaker.say(said)), ("assistant", speaker.say(reply))]
    return replace(draft, prompt=(*earlier, *draft.prompt))


def single_turn(voice: Voice, task: str, question: str, answers: tuple[str, str | None, str, bool]) -> Draft:
    """A draft of one user turn; `answers` are good, also good, bad, and whether bad is clearly so."""
    return Draft(task, voice.language, (("user", question),), *answers)
