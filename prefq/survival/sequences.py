"""Pairs as the sequences that trainers make of them, and how many tokens these have.

Prompt and answers are counted one by one, each distinct text once, and added up. Where tokens may merge across the
boundary and the outcome hinges on it, the whole sequence is encoded; so is every sequence that may equal the other.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from prefq.writers.messages import answer_messages, prompt_messages

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SLACK = 32
"""How many tokens a sum over parts may be off by: merges at the boundary touch one word on either side."""
HEAD, BEGINNING = 100, 3
"""The first characters of an answer, by whose first tokens most different answers are told apart."""


class Tokens(Protocol):
    """A tokenizer, as far as sequences need one."""

    @property
    def eos(self) -> str:
        """The token that ends a text; empty when there is none."""

    @property
    def template(self) -> str | None:
        """The chat template, if there is one."""

    def count(self, texts: Sequence[str], special: bool = False) -> Counts:
        """How many tokens each text has."""

    def ids(self, texts: Sequence[str], special: bool = False) -> list[list[int]]:
        """The tokens of each text."""

    def rendered(
        self, messages: Sequence[Mapping[str, Any]], tools: Any = None, answer_next: bool = False
    ) -> str | None:
        """The conversation in the chat template; None when it refuses it."""


@dataclass(frozen=True)
class Read:
    """One side of each pair as a trainer reads it: its texts, their tokens, and how many of these are the answer's."""

    texts: list[str]
    answers: list[str]
    tokens: Counts
    answer: Counts
    special: bool


@dataclass(frozen=True)
class Sequences:
    """n pairs as texts: the prompt with what opens the answer, and the conversation up to the end of either answer.

    A pair that the chat template refuses has empty texts and is `refused`. `alternate`: after at most one system
    message, those of a user (or a tool) and of the assistant take turns, the last one not the assistant's.
    """

    tokens: Tokens
    prompt: list[str]
    whole: Mapping[str, list[str]]
    """By side: `chosen` and `rejected`."""
    empty: Mapping[str, Mask]
    """By side: the answer has no text at all."""
    refused: Mask
    alternate: Mask
    _known: dict[str, int] = field(default_factory=dict)
    _heads: dict[str, list[int]] = field(default_factory=dict)
    _reads: dict[tuple[str, str, int, bool], Read] = field(default_factory=dict)
    """What several trainers ask for is worked out once."""

    @property
    def height(self) -> int:
        """How many pairs there are."""
        return len(self.prompt)

    @property
    def templated(self) -> bool:
        """Whether the texts are in a chat template, which then says what begins and ends them."""
        return self.tokens.template is not None

    def count(self, texts: Sequence[str]) -> Counts:
        """Tokens of each text without special ones around; every distinct text is encoded once."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        self._known.update(zip(new, self.tokens.count(new).tolist(), strict=True))
        return np.fromiter((self._known[text] for text in texts), np.int64, len(texts))

    @cached_property
    def prompt_tokens(self) -> Counts:
        """Tokens of each prompt by itself."""
        return self.count(self.prompt)

    @cached_property
    def around(self) -> int:
        """How many special tokens the tokenizer puts around a text."""
        return int(self.tokens.count([""], special=True)[0])

    def read(self, side: str, style: str, finish: Callable[[str], str], near: int, special: bool = False) -> Read:
        """The conversations of one side, each text finished as the trainer does it; counts near `near` are exact.

        `style` names what `finish` does.
        """
        key = side, style, near, special
        if key not in self._reads:
            self._reads[key] = self._read(side, finish, near, special)
        return self._reads[key]

    def _read(self, side: str, finish: Callable[[str], str], near: int, special: bool) -> Read:
        texts = [finish(text) for text in self.whole[side]]
        answers = [text[len(prompt) :] for text, prompt in zip(texts, self.prompt, strict=True)]
        answer = self.answer_tokens(side) + self._ends(self.whole[side], texts)
        tokens = self.prompt_tokens + answer + (self.around if special else 0)
        hinges = np.abs(tokens - near) <= SLACK
        tokens[hinges] = self.tokens.count(list(compress(texts, hinges)), special)
        return Read(texts, answers, tokens, answer, special)

    def answer_tokens(self, side: str) -> Counts:
        """Tokens of what follows the prompt on one side, by itself."""
        key = side, "answer alone", 0, False
        if key not in self._reads:
            self._reads[key] = self.read_answer(side)
        return self._reads[key].tokens

    def _ends(self, texts: Sequence[str], finished: Sequence[str]) -> Counts:
        """How many tokens finishing adds (or takes away) at the end: an end mark, mostly."""
        pairs = list(zip(texts, finished, strict=True))
        more = self.count([after[len(before) :] for before, after in pairs])
        less = self.count([before[len(after) :] for before, after in pairs])
        ends: Counts = more - less
        return ends

    def read_answer(self, side: str, finish: Callable[[str], str] = str) -> Read:
        """The answers of one side, what follows the prompt, encoded by themselves."""
        pairs = zip(self.whole[side], self.prompt, strict=True)
        answers = [finish(text[len(prompt) :]) for text, prompt in pairs]
        tokens = self.count(answers)
        return Read(answers, answers, tokens, tokens, False)

    def same(self, chosen: Read, rejected: Read, limit: Counts | int, among: Mask, drop_last: bool = False) -> Mask:
        """Of those `among`, the pairs whose two sides have the same first `limit` tokens, and as many.

        `drop_last`: the last one of these is overwritten, so it plays no part.
        """
        most = np.broadcast_to(np.asarray(limit, np.int64), (self.height,))
        kept = [np.minimum(side.tokens, most) for side in (chosen, rejected)]
        rows = np.flatnonzero(among & (np.abs(kept[0] - kept[1]) <= 2))
        read = np.minimum(*(n - (side.tokens - side.answer) for n, side in zip(kept, (chosen, rejected), strict=True)))
        rows = rows[(read[rows] <= BEGINNING + 1) | self._same_head(chosen, rejected, rows)]
        found: Mask = np.zeros(self.height, bool)
        sides = [self.tokens.ids([side.texts[i] for i in rows], side.special) for side in (chosen, rejected)]
        for row, left, right in zip(rows, *sides, strict=True):
            end = int(most[row])
            ends = [min(len(ids), end) - drop_last for ids in (left, right)]
            found[row] = left[: ends[0]] == right[: ends[1]]
        return found

    def _same_head(self, chosen: Read, rejected: Read, rows: npt.NDArray[np.intp]) -> Mask:
        """Which of these rows' answers begin alike. Encoding only their heads spares most of the work."""
        heads = [[side.answers[i][:HEAD] for i in rows] for side in (chosen, rejected)]
        new = list(dict.fromkeys(head for side in heads for head in side if head not in self._heads))
        self._heads.update(zip(new, (ids[:BEGINNING] for ids in self.tokens.ids(new)), strict=True))
        alike = (_alike(self._heads[left], self._heads[right]) for left, right in zip(*heads, strict=True))
        return np.fromiter(alike, bool, len(rows))


def _alike(left: list[int], right: list[int]) -> bool:
    some = min(len(left), len(right))
    return left[:some] == right[:some]


def sequences(pairs: pl.DataFrame, tokens: Tokens) -> Sequences:
    """The pairs as sequences, in their order: in the tokenizer's chat template, or one plain text after the other.

    Plain: the turns with an empty line between them, the answer right after, as TRL's string style has it.
    """
    build = _plain if tokens.template is None else _templated
    prompt, whole, refused = build(pairs, tokens)
    empty = {side: _blank(pairs, side) for side in ("chosen", "rejected")}
    return Sequences(tokens, prompt, whole, empty, refused, pairs.select(_alternate()).to_series().to_numpy())


def _blank(pairs: pl.DataFrame, side: str) -> Mask:
    blank = (pl.col(side).fill_null("").str.len_chars() == 0) & pl.col(f"{side}_messages").is_null()
    return pairs.select(blank).to_series().to_numpy()


def _alternate() -> pl.Expr:
    roles = pl.col("prompt").list.eval(pl.element().struct.field("role"))
    said = pl.when(roles.list.first() == "system").then(roles.list.slice(1)).otherwise(roles)
    assistant = said.list.eval((pl.element() == "assistant") == (pl.int_range(pl.len()) % 2 == 1)).list.all()
    known = said.list.eval(pl.element().is_in(["user", "assistant", "tool"])).list.all()
    return (assistant & known & (said.list.len() % 2 == 1)).fill_null(False)


Built = tuple[list[str], dict[str, list[str]], Mask]


def _plain(pairs: pl.DataFrame, _tokens: Tokens) -> Built:
    turns = pl.col("prompt").list.eval(pl.element().struct.field("content").fill_null(""))
    prompt = turns.list.join("\n\n")
    texts = pairs.select(
        prompt=prompt, **{side: prompt + pl.col(side).fill_null("") for side in ("chosen", "rejected")}
    )
    whole = {side: texts[side].to_list() for side in ("chosen", "rejected")}
    return texts["prompt"].to_list(), whole, np.zeros(pairs.height, bool)


def _templated(pairs: pl.DataFrame, tokens: Tokens) -> Built:
    asked = prompt_messages(pairs)
    tools = [json.loads(row.tools) if row.tools else None for row in asked]
    prompt = [tokens.rendered(row.messages, given, answer_next=True) for row, given in zip(asked, tools, strict=True)]
    whole = {}
    for side in ("chosen", "rejected"):
        rows = zip(asked, tools, answer_messages(pairs, side), strict=True)
        whole[side] = [tokens.rendered([*row.messages, *said], given) for row, given, said in rows]
    texts = zip(prompt, whole["chosen"], whole["rejected"], strict=True)
    refused = np.fromiter((None in three for three in texts), bool, pairs.height)
    filled = {side: [text or "" for text in texts] for side, texts in whole.items()}
    return [text or "" for text in prompt], filled, refused
