"""Each trainer's rule on pairs whose tokens can be counted by hand: a word is a token."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from prefq import schema
from prefq.errors import SettingsError
from prefq.survival import TRAINERS
from prefq.survival.llamafactory import shares
from prefq.survival.outcomes import fits, losses, losses_by, outcomes, read_asks


class Words:
    """Every word and every mark in angle brackets is a token; `asked` notes each text that was encoded."""

    eos = "<end>"

    def __init__(self, template: str | None = None) -> None:
        self.template = template
        self.asked: list[str] = []

    def ids(self, texts: Sequence[str], special: bool = False) -> list[list[int]]:
        self.asked += texts
        words = [re.findall(r"<\w+>|[^\s<>]+", text) for text in texts]
        return [[hash(word) for word in ["<s>"] * special + some] for some in words]

    def count(self, texts: Sequence[str], special: bool = False) -> Any:
        return np.array([len(ids) for ids in self.ids(texts, special)], np.int64)

    def rendered(self, messages: Sequence[Any], tools: Any = None, answer_next: bool = False) -> str | None:
        if any(message["role"] == "tool" for message in messages):
            return None
        said = "".join(f"<{m['role']}> {m['content']} <end>" for m in messages)
        return said + "<assistant> " if answer_next else said


def pair(prompt: str, chosen: str, rejected: str, **more: Any) -> dict[str, Any]:
    return {"prompt": [{"role": "user", "content": prompt}], "chosen": chosen, "rejected": rejected} | more


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    told = [{"row_id": f"d:{i}", "dataset": "d", "label": "chosen"} | row for i, row in enumerate(rows)]
    return pl.DataFrame(told, schema=schema.PAIRS)


def words(n: int, word: str = "w") -> str:
    return "".join(f" {word}{i}" for i in range(n))


def outcome(pairs: pl.DataFrame, trainer: str, max_length: int, tokens: Words | None = None) -> pl.DataFrame:
    asks = read_asks([{"trainer": trainer, "max_length": max_length, "tokenizer": "words"}])
    return outcomes(pairs, asks, {"words": tokens or Words()})[trainer]


FITS = pair(words(4), words(3), words(2, "v"))
LONG_ANSWER = pair(words(4), words(9), words(2, "v"))
LONG_PROMPT = pair(words(12), words(3), words(2, "v"))
ALIKE_AT_FIRST = pair(words(4), words(8) + " good", words(8) + " bad")
SAME = pair(words(4), words(3), words(3))
EMPTY = pair(words(4), "", words(3))
ALL = table(FITS, LONG_ANSWER, LONG_PROMPT, ALIKE_AT_FIRST, SAME, EMPTY)


@pytest.mark.parametrize(
    ("trainer", "dropped", "cut", "identical", "no_answer"),
    [
        ("trl-reward", [1, 2, 3], [], [4], [5]),
        ("trl-dpo", [2], [1, 3], [3, 4], [5]),
        ("openrlhf-reward", [], [1, 2, 3], [2, 3, 4], [2, 5]),
        ("openrlhf-dpo", [2], [1, 3], [3, 4], [5]),
        ("llamafactory", [], [1, 2, 3], [3, 4], [5]),
        ("axolotl", [1, 2, 3, 5], [], [4], []),
    ],
)
def test_pairs_meet_the_rule_of_each_trainer(
    trainer: str, dropped: list[int], cut: list[int], identical: list[int], no_answer: list[int]
):
    found = outcome(ALL, trainer, 10)
    told = {"dropped": dropped, "cut": cut, "identical": identical, "no_answer": no_answer}
    assert {name: [i for i, hit in enumerate(found[name]) if hit] for name in told} == told
    assert found["row_id"].to_list() == ALL["row_id"].to_list()


def test_a_prompt_that_leaves_room_for_two_tokens_is_too_long_for_openrlhfs_dpo_trainer():
    rows = table(*(pair(words(n), words(1), words(2, "v")) for n in (7, 8, 9, 10)))
    assert outcome(rows, "openrlhf-dpo", 10)["dropped"].to_list() == [False, True, True, True]


def test_openrlhf_writes_the_end_on_the_last_token_that_is_left():
    differ_in_the_last = table(pair(words(4), words(5) + " a c", words(5) + " b c"))
    assert outcome(differ_in_the_last, "openrlhf-reward", 10)["identical"].to_list() == [True]
    assert outcome(differ_in_the_last, "openrlhf-reward", 11)["identical"].to_list() == [False]
    assert outcome(differ_in_the_last, "trl-dpo", 11)["identical"].to_list() == [False]  # its own sign at the front


@pytest.mark.parametrize(
    ("prompt", "answer", "kept"),
    [
        (3, 4, (3, 4)),  # all fits
        (30, 4, (6, 4)),  # a short answer is kept whole
        (4, 30, (4, 6)),  # a short prompt is kept whole
        (20, 20, (5, 5)),  # each gets its part
        (10, 30, (3, 7)),
        (0, 30, (0, 10)),
    ],
)
def test_llamafactory_shares_the_room_between_prompt_and_answer(prompt: int, answer: int, kept: tuple[int, int]):
    found = shares(np.array([prompt]), np.array([answer]), 10)
    assert (int(found[0][0]), int(found[1][0])) == kept


@pytest.mark.parametrize(
    ("roles", "dropped"),
    [
        (["user"], False),
        (["system", "user"], False),
        (["user", "assistant", "user"], False),
        (["user", "assistant", "tool"], False),
        (["user", "user"], True),
        (["user", "assistant"], True),
        (["assistant", "user", "assistant"], True),
        (["user", "critic", "user"], True),
        ([], True),
    ],
)
def test_llamafactory_drops_turns_that_do_not_alternate(roles: list[str], dropped: bool):
    rows = table(FITS | {"prompt": [{"role": role, "content": "a"} for role in roles]})
    assert outcome(rows, "llamafactory", 100)["dropped"].to_list() == [dropped]


def test_a_pair_that_the_chat_template_refuses_is_dropped_by_each_trainer():
    refused = FITS | {"prompt": [{"role": "tool", "content": "4"}]}
    for trainer in TRAINERS:
        found = outcome(table(FITS, refused), trainer, 100, Words("a template"))
        assert found["refused"].to_list() == found["dropped"].to_list() == [False, True]


def test_in_a_chat_template_nothing_is_added():
    found = outcome(table(FITS), "trl-dpo", 100, Words("a template"))
    # <user> w w w w <end> <assistant> and w w w <end>
    assert found.select("tokens", "chosen_tokens", "rejected_tokens").row(0) == (11, 4, 3)


def test_what_is_left_of_the_answers_is_counted():
    found = outcome(ALL, "llamafactory", 10)
    assert found["chosen_left"].to_list()[:3] == [3, 6, 3]
    assert found["rejected_left"].to_list()[:3] == [2, 2, 2]
    assert found["prompt_cut"].to_list() == [False, False, True, False, False, False]


def test_figures_before_and_after():
    told = losses(outcome(ALL, "trl-dpo", 10))
    assert (told.pairs, told.dropped, told.cut, told.identical, told.no_answer) == (6, 1, 2, 2, 1)
    assert (told.taught, told.whole, told.lost) == (2, 1, 4)
    assert (told.chosen_cut, told.rejected_cut) == (1, 0)
    assert told.chosen_longer_before == 0.5
    assert told.chosen_longer_after == 1.0
    nothing = losses(outcome(ALL, "trl-dpo", 10).head(0))
    assert nothing.chosen_longer_before is nothing.chosen_longer_after is nothing.share("dropped") is None


def test_figures_by_slice_and_by_length():
    found = outcome(ALL, "trl-reward", 10).with_columns(subset=pl.Series(["b", "b", "a", "a", "a", None]))
    by = {name: (told.pairs, told.dropped) for name, told in losses_by(found, "subset")}
    assert by == {"a": (3, 2), "b": (2, 1)}
    assert fits(found)[0] == (256, 6)


def test_every_distinct_text_is_counted_once():
    tokens = Words()
    rows = table(*[LONG_ANSWER] * 50)
    outcome(rows, "axolotl", 100, tokens)
    assert sorted(set(tokens.asked)) == sorted(tokens.asked)


def test_the_order_of_rows_plays_no_part():
    found, turned = outcome(ALL, "openrlhf-dpo", 10), outcome(ALL.reverse(), "openrlhf-dpo", 10)
    assert turned.reverse().equals(found)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (["trl-dop"], "there is no trainer 'trl-dop'; did you mean 'trl-dpo'?"),
        (["trl-dpo", {"trainer": "trl-dpo", "max_length": 9}], "two entries are called trl-dpo"),
        ([{"trainer": "trl-dpo", "max_length": -1}], "max_length of trl-dpo must be 1 or more, not -1"),
        ([{"trainer": "trl-dpo", "max_length": 0}], "max_length of trl-dpo must be 1 or more, not 0"),
        ([{"trainer": "trl-dpo", "name": "a.b"}], "the name 'a.b' must be of letters"),
    ],
)
def test_a_mistake_in_the_settings_is_named(entries: list[Any], said: str):
    with pytest.raises(SettingsError, match=re.escape(said)):
        read_asks(entries)


def test_asks_have_the_trainers_own_length_unless_another_is_named():
    plain, other = read_asks(["openrlhf-dpo", {"trainer": "trl-dpo", "max_length": 77, "name": "short"}])
    assert (plain.name, plain.max_length, plain.tokenizer) == ("openrlhf-dpo", 512, "minilm")
    assert (other.name, other.max_length) == ("short", 77)


def test_every_rule_says_where_it_was_read():
    assert set(TRAINERS) == {"axolotl", "llamafactory", "openrlhf-dpo", "openrlhf-reward", "trl-dpo", "trl-reward"}
    for trainer in TRAINERS.values():
        assert trainer.version in trainer.description
        assert re.search(r"`[\w/]+\.py`", trainer.description)
        assert trainer.max_length >= 512
