"""Verified links between the texts of one level: which pairs are near, by what, and which only look it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.neighbors.contrast import bodies, contrasts
from prefq.neighbors.known import Known, Likeness
from prefq.neighbors.lexical import Candidates, overlap
from prefq.neighbors.normalize import Ints, Packed, normalized_parts, same_form
from prefq.neighbors.semantic import cosines
from prefq.neighbors.spools import InMemory, Room
from prefq.neighbors.stored import Stored
from prefq.neighbors.threads import portions, spread

Codes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

KINDS = ("normalized", "lexical", "semantic", "contrast")
NORMALIZED, LEXICAL, SEMANTIC, CONTRAST = range(4)
NUMBER, NAME, SLOT = 1, 2, 4
"""Places in `verdicts.REASONS`."""
WINDOW = 1000
"""Longest prompt, in characters, whose vector is trusted to say what it asks: encoders cut longer ones."""
CONTAINED_SIMILARITY, ANSWER_SLACK = 0.3, 0.1
"""A text within another is near from this similarity on (a prompt with courtesies around it); answers, of which a part
is not the whole, only from so much below the threshold."""
SOME_SHINGLES = 0.3
"""Only texts that share so many of their shingles are compared letter by letter."""
SIBLING_SLACK = 0.1
"""Fillings of one template, and versions with another number or name, are a contrast from so much below the threshold:
what was put in takes its share."""
LETTER_MARGIN = 0.1
"""Texts of other words share more letters in order than shingles: so much is taken off."""
SOME_FORM = 0.15
"""What two texts share at least to be near in form; texts about other things share up to 0.13."""
READ = 8_000_000
"""Pairs of texts of so many bytes in all are read for their meaning at once."""
SAME_TURN = 0.5
"""Two conversations are near only if their last messages are, at least so much."""


@dataclass(frozen=True)
class Settings:
    """What `neighbors` is asked for; see `prefq.neighbors.find_neighbors`."""

    lexical_similarity: float
    semantic_similarity: float
    scope: str
    seed: int


@dataclass(frozen=True)
class Texts:
    """The distinct texts of one level, sorted by id."""

    ids: pl.Series
    texts: Stored
    forms: Packed
    first: Ints
    """For each text the first one with the same normal form, shape (texts,)."""
    last: Packed | None = None
    """Prompts only: the normal form of the last message; None for answers."""
    turns: Ints | None = None
    """Prompts only: how many messages each has."""
    vectors: Floats | None = None
    """Prompts only: a unit vector each, zero where there is none, shape (texts, dimensions)."""
    known: Known = field(default_factory=Known)
    """What was found out about them before."""

    @classmethod
    def of(cls, ids: pl.Series, texts: pl.Series | Stored, room: Room = InMemory) -> "Texts":
        """From distinct sorted ids and their texts."""
        texts = Stored.of(texts) if isinstance(texts, pl.Series) else texts
        forms = normalized_parts(texts.packed, texts.sizes, room, bodies)
        return cls(ids, texts, forms, same_form(forms))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def distinct(self) -> Ints:
        """The rows that are the first of their normal form: what searches look at."""
        return np.unique(self.first)

    @property
    def sizes(self) -> Ints:
        """The length of each normal form in bytes, shape (texts,)."""
        return self.forms.sizes

    @property
    def prompts(self) -> bool:
        """Whether these are prompts."""
        return self.turns is not None

    def forms_of(self, pairs: Candidates) -> tuple[Packed, Candidates]:
        """Normal forms, those of some pairs of texts at least, and the rows of the pairs in them."""
        return self.forms, pairs

    def last_of(self, pairs: Candidates) -> tuple[Packed, Candidates]:
        """The same for the last messages of prompts."""
        assert self.last is not None, "only prompts have messages"
        return self.last, pairs


class Unread(Texts):
    """Texts that are read only when something is asked of them that is not known; some get a normal form then."""

    def __init__(
        self, ids: pl.Series, first: Ints, turns: Ints | None, sizes: Ints, vectors: Floats | None, known: Known,
        texts: Callable[[], Stored], last: Callable[[], Stored] | None,
    ) -> None:  # fmt: skip
        values = {"ids": ids, "first": first, "turns": turns, "vectors": vectors, "known": known}
        self.__dict__.update(values, _texts=texts, _last=last, _sizes=sizes)

    @property
    def sizes(self) -> Ints:
        """The length of each normal form in bytes."""
        return self.__dict__["_sizes"]  # type: ignore[no-any-return]

    @cached_property
    def texts(self) -> Stored:
        """The texts."""
        return self.__dict__["_texts"]()  # type: ignore[no-any-return]

    @cached_property
    def forms(self) -> Packed:
        """The normal forms of all."""
        return normalized_parts(self.texts.packed, self.texts.sizes, InMemory, bodies)

    def forms_of(self, pairs: Candidates) -> tuple[Packed, Candidates]:
        """The normal forms of some pairs of texts, and the rows of the pairs in them."""
        used, places = pairs.places()
        return normalized_parts(
            lambda part: self.texts.packed(used[part]), self.texts.sizes[used], InMemory, bodies
        ), places

    def last_of(self, pairs: Candidates) -> tuple[Packed, Candidates]:
        """The same for the last messages of prompts."""
        used, places = pairs.places()
        said = self._said
        return normalized_parts(lambda part: said.packed(used[part]), said.sizes[used]), places

    @cached_property
    def _said(self) -> Stored:
        return self.__dict__["_last"]()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Links:
    """Pairs of rows of `Texts` with what they are: indices into KINDS and `verdicts.REASONS`, and a similarity."""

    left: Ints
    right: Ints
    kind: Codes
    similarity: Floats
    reason: Codes

    @property
    def merging(self) -> "Links":
        """Those that say the same."""
        return self.only(self.kind != CONTRAST)

    def only(self, wanted: npt.NDArray[np.bool_]) -> "Links":
        """Those that a mask of shape (links,) keeps."""
        return Links(*(getattr(self, name)[wanted] for name in ("left", "right", "kind", "similarity", "reason")))

    @classmethod
    def joined(cls, links: Iterable["Links"]) -> "Links":
        """All of these, one after the other."""
        parts = list(links)
        names = ("left", "right", "kind", "similarity", "reason")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def edges(self, level: str, ids: pl.Series) -> pl.DataFrame:
        """The rows of the neighbors table, unsorted. `ids` are sorted, so `left` < `right` holds for them too."""
        from prefq.neighbors.verdicts import REASONS

        reasons = pl.Series(REASONS)
        return pl.DataFrame(
            {
                "level": pl.repeat(level, self.left.size, eager=True, dtype=pl.String),
                "left_id": ids.gather(self.left),
                "right_id": ids.gather(self.right),
                "kind": pl.Series(KINDS).gather(self.kind.astype(np.int64)),
                "similarity": pl.Series(self.similarity, dtype=pl.Float32),
                "reason": reasons.gather(self.reason.astype(np.int64)).replace("", None),
            }
        )


def same_forms(texts: Texts) -> Links:
    """A link from each text to the first one with the same normal form."""
    right = np.flatnonzero(texts.first != np.arange(len(texts)))
    n = right.size
    none = np.zeros(n, np.int8)
    return Links(texts.first[right], right.astype(np.int64), none + NORMALIZED, np.ones(n, np.float32), none)


def verified(texts: Texts, pairs: Candidates, settings: Settings) -> Links:
    """The candidates that are near, by the exact overlap of their shingles or by their vectors.

    Those of them that say something else come as `contrast` with the reason; the rest of the candidates is left out.
    """
    from prefq.neighbors.verdicts import DIFFERENT

    shared = likeness(texts, pairs, settings.seed)
    least = CONTAINED_SIMILARITY if texts.prompts else settings.lexical_similarity - ANSWER_SLACK
    near = shared.near(settings.lexical_similarity, least) | (shared.best >= np.float32(settings.lexical_similarity))
    formed = near | (shared.best >= np.float32(settings.lexical_similarity - SIBLING_SLACK))
    cosine = np.zeros(near.size, np.float32)
    if texts.vectors is not None:
        cosine = _trusted_cosines(texts, pairs)
    meant = (cosine >= np.float32(settings.semantic_similarity)) & (cosine > 0)
    kept = formed | meant
    pairs, near, formed, meant = pairs.only(kept), near[kept], formed[kept], meant[kept]
    reason = texts.known.reasons(pairs, lambda some: _reasons(texts, some, settings.seed))
    # Vectors bring texts together that share hardly a word: other words are no contrast where all words are others.
    alike = formed | (shared.similarity[kept] >= np.float32(SOME_FORM))
    told = alike & (reason != DIFFERENT) & (near | meant | (reason > 0))
    far = ~alike & (reason == 0)
    told[far] = _latin(texts, pairs.only(far))
    kind = np.where(reason > 0, CONTRAST, np.where(near, LEXICAL, SEMANTIC)).astype(np.int8)
    by_form = near | formed & (reason > 0)
    similarity = np.where(by_form, shared.best[kept], cosine[kept]).clip(0, 1)
    return Links(pairs.left, pairs.right, kind, similarity, reason).only(told)


def likeness(texts: Texts, pairs: Candidates, seed: int) -> Likeness:
    """How much pairs of texts share, by shingles and by letters."""

    def compared(some: Candidates) -> Likeness:
        forms, places = texts.forms_of(some)
        shared = overlap(forms, places, seed)
        letters = _by_letters(forms, places, shared.similarity)
        return Likeness(shared.similarity, shared.contained, np.maximum(shared.similarity, letters))

    return texts.known.likeness(pairs, compared)


def _reasons(texts: Texts, pairs: Candidates, seed: int) -> Codes:
    """The guard's codes of pairs, each by itself; few of their texts are in memory at a time.

    Line ends count as one, as they do for the ids of texts.
    """
    weights = texts.texts.sizes[pairs.left] + texts.texts.sizes[pairs.right]

    def told(part: slice) -> Codes:
        used, places = pairs.only(part).places()
        lines = texts.texts.gather(used).str.replace_all("\r\n?", "\n")
        return contrasts(lines, places.left, places.right, prompts=texts.prompts)

    reason = np.concatenate([np.empty(0, np.int8), *spread(told, portions(weights, READ))])
    reason[(reason == 0) & _other_question(texts, pairs, seed)] = SLOT
    return reason


def _by_letters(forms: Packed, pairs: Candidates, shingles: Floats) -> Floats:
    """How much pairs of short texts share letter by letter, shape (pairs,), on the scale of shingles; else 0.

    In a text of few words one typo is in a third of the shingles.
    """
    from prefq.neighbors.letters import letter_similarities

    similarity, unsure = np.zeros(shingles.size, np.float32), np.flatnonzero(shingles >= np.float32(SOME_SHINGLES))
    similarity[unsure] = letter_similarities(forms.data, forms.starts, pairs.left[unsure], pairs.right[unsure])
    return (similarity - np.float32(LETTER_MARGIN)).clip(0)


def _trusted_cosines(texts: Texts, pairs: Candidates) -> Floats:
    assert texts.vectors is not None

    def short(rows: Ints) -> Mask:
        return (texts.texts.gather(rows).str.len_chars() <= WINDOW).to_numpy()

    left, right = (texts.known.flag("short", len(texts), rows, short) for rows in (pairs.left, pairs.right))
    return np.where((left & right) > 0, cosines(texts.vectors, pairs), np.float32(0))


def _latin(texts: Texts, pairs: Candidates) -> Mask:
    """Pairs of texts in Latin letters, shape (pairs,).

    Of other scripts an encoder may know nothing, and then it has one vector for all of them: there a cosine says
    something only where the texts are alike in form as well.
    """

    def latin(rows: Ints) -> Mask:
        some = texts.texts.gather(rows)
        letters = some.str.count_matches(r"\p{Alphabetic}")
        return (2 * some.str.count_matches(r"\p{Latin}") >= letters).to_numpy()

    left, right = (texts.known.flag("latin", len(texts), rows, latin) for rows in (pairs.left, pairs.right))
    return (left & right) > 0


def _other_question(texts: Texts, pairs: Candidates, seed: int) -> Mask:
    """Conversations that share their beginning and end in different messages, shape (pairs,)."""
    other = np.zeros(pairs.left.size, np.bool_)
    if texts.turns is None:
        return other
    turns = np.maximum(texts.turns[pairs.left], texts.turns[pairs.right]) > 1
    if turns.any():
        forms, asked = texts.last_of(pairs.only(turns))
        used, places = asked.places()
        last = forms.take(used)
        same = same_form(last)
        alike = overlap(last, places, seed).similarity >= SAME_TURN
        other[turns] = ~(alike | (same[places.left] == same[places.right]))
    return other
