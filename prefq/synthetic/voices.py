"""The languages the synthetic data speaks, and a speaker who fills their phrases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType

from prefq.synthetic.bank import chinese, french, german, phrases, spanish, topics
from prefq.synthetic.bank.read import Entry
from prefq.synthetic.draw import Draw, template_parts


@dataclass(frozen=True)
class Voice:
    """One language: its subjects, the phrases around them, and how sentences and list items are joined."""

    language: str
    topics: tuple[Entry, ...]
    reasons: tuple[str, ...]
    requests: tuple[str, ...]
    limits: tuple[str, ...]
    openers: tuple[str, ...]
    closers: tuple[str, ...]
    vague: tuple[str, ...]
    curt: tuple[str, ...]
    refusals: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]
    space: str
    shortest: int
    """No clean answer is shorter than this many characters."""


def _voice(language: str, bank: ModuleType, space: str = " ", shortest: int = 45) -> Voice:
    found = getattr(bank, "TOPICS", topics.TOPICS)
    parts = (bank.REASONS, bank.REQUESTS, bank.LIMITS, bank.OPENERS, bank.CLOSERS)
    slots = {**phrases.SLOTS, **bank.SLOTS}
    return Voice(language, found, *parts, bank.VAGUE, bank.CURT, bank.REFUSALS, slots, space, shortest)


VOICES: Mapping[str, Voice] = {
    "en": _voice("en", phrases),
    "de": _voice("de", german),
    "es": _voice("es", spanish),
    "fr": _voice("fr", french),
    "zh": _voice("zh", chinese, space="", shortest=22),
}
FOREIGN = ("de", "es", "fr", "zh")


@dataclass
class Speaker:
    """Says phrases of one voice; within one pair the same slot has the same value."""

    draw: Draw
    voice: Voice
    given: dict[str, str] = field(default_factory=dict)

    def say(self, template: str) -> str:
        """The template with its slots filled."""
        if "{" not in template:
            return template
        return "".join(literal + (self.slot(slot) if slot else "") for literal, slot in template_parts(template))

    def slot(self, name: str) -> str:
        """The value of a slot, drawn when it is first asked for; `name2` is a second value for `name`."""
        if name not in self.given:
            self.given[name] = self.draw.pick(self.voice.slots[name.rstrip("2")])
        return self.given[name]

    def one(self, bank: Sequence[str]) -> str:
        """One phrase of a bank, filled."""
        return self.say(self.draw.pick(bank))

    def join(self, sentences: Sequence[str]) -> str:
        """Sentences as running text; what is empty is left out."""
        return self.voice.space.join(s for s in sentences if s)
