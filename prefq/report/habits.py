"""What tells chosen from rejected by form alone, read from `shortcuts.json` and the lengths."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prefq.report.figures import Lengths

WORDS = {
    "chars": "characters",
    "newlines": "line breaks",
    "bold": "bold text",
    "list_items": "list items",
    "code_fences": "code blocks",
    "table_bars": "table cells",
    "questions": "question marks",
    "exclamations": "exclamation marks",
    "first_person": "“I” and “my”",
    "refusal": "refusing phrases",
    "sure_opener": "openers such as “Sure”",
    "type_token_ratio": "variety of words",
    "word_length": "letters a word",
    "digit_share": "digits",
    "unfinished": "endings that break off",
    "non_ascii_share": "letters beyond ASCII",
    "repeated_trigrams": "repeated phrases",
    "prompt_jaccard": "words shared with the prompt",
    "prompt_coverage": "words of the prompt taken up",
}
"""Surface feature → what an answer has more of; a feature that is not here is called by its name."""
CLEAR = 0.05


@dataclass(frozen=True)
class Share:
    """A share of `n` pairs with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Feature:
    """Of the pairs that differ in the feature, how often the chosen answer has more of it."""

    name: str
    words: str
    share: Share

    @property
    def clear(self) -> bool:
        """Whether the chosen answer has clearly more or clearly less of it: 50 % lies well outside the interval."""
        away = abs(self.share.value - 0.5) >= CLEAR
        return away and not self.share.low <= 0.5 <= self.share.high


@dataclass(frozen=True)
class Slice:
    """The same figures for one slice of the data."""

    name: str
    pairs: int
    longer: Share | None
    surface: Share | None
    judge: Share | None


@dataclass(frozen=True)
class Habits:
    """`length_share`: how often the longer answer is chosen among the `unequal`; the others are None without scores."""

    length_share: float | None
    unequal: int
    surface: Share | None
    judge: Share | None
    features: tuple[Feature, ...]
    slices: tuple[Slice, ...]
    notes: tuple[str, ...]

    @property
    def clear(self) -> tuple[Feature, ...]:
        """The features that tell, the strongest first."""
        return tuple(sorted((f for f in self.features if f.clear), key=lambda f: (-abs(f.share.value - 0.5), f.name)))

    @property
    def faint(self) -> tuple[Feature, ...]:
        """The features that tell little, or of which too little is known."""
        return tuple(f for f in self.features if not f.clear)


def habits(lengths: Lengths, shortcuts: Mapping[str, Any] | None) -> Habits:
    """The habits of a dataset; of a `shortcuts.json` in another shape, what can be read."""
    found = shortcuts or {}
    overall, unequal = _mapping(found.get("overall")), lengths.longer + lengths.shorter
    features = [(name, read_share(value)) for name, value in _mapping(found.get("features")).items()]
    slices = found.get("slices")
    return Habits(
        length_share=lengths.longer / unequal if unequal else None,
        unequal=unequal,
        surface=read_share(overall.get("surface_accuracy")),
        judge=read_share(overall.get("label_accuracy")),
        features=tuple(Feature(n, WORDS.get(n, n.replace("_", " ")), s) for n, s in features if s),
        slices=tuple(_slice(s) for s in slices if isinstance(s, Mapping)) if isinstance(slices, list) else (),
        notes=tuple(str(note) for note in [*(found.get("sees") or []), *(found.get("limits") or [])]),
    )


def _slice(found: Mapping[str, Any]) -> Slice:
    return Slice(
        name=f"{found.get('by', '')} {found.get('name', '')}".strip(),
        pairs=int(found.get("pairs") or 0),
        longer=read_share(found.get("longer_wins")),
        surface=read_share(found.get("surface_accuracy")),
        judge=read_share(found.get("label_accuracy")),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def read_share(value: Any) -> Share | None:
    """A share with its interval, when it is one and decided."""
    if not isinstance(value, Mapping) or any(value.get(k) is None for k in ("value", "low", "high")):
        return None
    return Share(float(value["value"]), float(value["low"]), float(value["high"]), int(value.get("n") or 0))
