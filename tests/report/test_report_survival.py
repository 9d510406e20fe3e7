"""Trainer survival as the page and the figures tell it."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from report_tables import SETTINGS, make_tables

from prefq.cli.console import Console
from prefq.cli.reporting import foresee
from prefq.report import Tables, audit, audit_json, render
from prefq.report.survival import Survival, hardest, label_words, longer_words, notes, row, survivals, title, to_json
from prefq.survival import TRAINERS
from prefq.survival.outcomes import Ask

ASK = Ask("short", TRAINERS["trl-dpo"], "mine", 10)
COLUMNS = ("dropped", "refused", "cut", "prompt_cut", "chosen_cut", "rejected_cut", "identical", "no_answer")


class Marks:
    eos, template = "</s>", None


def found(pairs: int = 200, **hits: int) -> Survival:
    """`pairs` pairs of which the first so many are dropped, cut …; the chosen answer of every second is longer."""
    table = make_tables(pairs).pairs
    rows = pl.int_range(pl.len())
    outcome = table.select(
        "row_id",
        **{name: rows < hits.get(name, 0) for name in COLUMNS},
        tokens=pl.lit(300),
        chosen_tokens=rows % 2,
        rejected_tokens=pl.lit(0),
        chosen_left=rows % 2,
        rejected_left=pl.lit(0),
    )
    return survivals(table, table.head(50), [ASK], {"short": outcome}, {"mine": Marks()})[0]  # type: ignore[dict-item]


def test_figures_have_stable_keys():
    told = to_json(found(200, dropped=20, refused=5))
    assert list(told) == [
        *("max_length", "pairs", "refused", "prompt_cut", "chosen_cut", "rejected_cut", "taught"),
        *("dropped", "dropped_share", "cut", "cut_share", "identical", "identical_share"),
        *("no_answer", "no_answer_share", "lost", "lost_share"),
        *("chosen_longer_before", "chosen_longer_after", "kept", "slices", "fits"),
    ]
    assert (told["pairs"], told["dropped"], told["dropped_share"], told["lost"]) == (200, 20, 0.1, 20)
    assert (told["kept"]["pairs"], told["kept"]["dropped"]) == (50, 20)
    assert (told["fits"]["256"], told["fits"]["512"]) == (0, 200)
    assert set(told["slices"]) == {
        *("dataset=help_desk", "dataset=kitchen-table"),
        *("category=advice", "category=how-to", "category=writing"),
    }
    assert sum(told["slices"][f"dataset={name}"]["dropped"] for name in ("help_desk", "kitchen-table")) == 20


def test_every_pair_comes_to_one_end():
    told = found(200, dropped=20, cut=60, identical=30, no_answer=35)
    assert told.fates == {"whole": 140, "cut": 25, "blank": 15, "dropped": 20}
    assert sum(told.fates.values()) == told.losses.pairs


def test_words_tell_counts_beside_shares():
    told = found(200, dropped=20, refused=1, cut=40, chosen_cut=40)
    assert title(told).replace("\u00a0", " ") == "TRL 1.16, at most 10 tokens of mine"
    assert label_words(told).replace("\u00a0", " ") == (
        "180 (90.0 %) of 200 labels can be learnt from. The cut takes from the chosen answer alone in 40 pairs, from "
        "the rejected one alone in 0. The trainer stops with an error at 1 pair: take them out first."
    )
    assert "before and after" in longer_words(told)
    assert row(told.losses)[:3] == ["200", "20 (10.0\u00a0%)", "40 (20.0\u00a0%)"]
    assert "in 50.0\u00a0% of the pairs, and in 50.3\u00a0% of those left" in longer_words(
        found(200, dropped=21, cut=1)
    )


def test_slices_that_lose_most_come_first():
    told = found(200, dropped=20)
    lost = [part.losses.lost / part.losses.pairs for part in hardest(told)]
    assert lost == sorted(lost, reverse=True)
    assert found(40).slices == ()


def test_notes_say_what_stands_in_for_the_model():
    assert "mine has no chat template" in notes([found()])[1]
    assert len(notes([found()])) == 2


def measured(tables: Tables, *entries: Any) -> tuple[Survival, ...]:
    return foresee(tables, entries, Path(), Console(-1))


def test_the_page_and_the_figures_tell_of_every_trainer_asked_for():
    tables = make_tables(120)
    entries = ("trl-dpo", {"trainer": "openrlhf-reward", "max_length": 40, "name": "tight"})
    page = audit(tables, SETTINGS, measured(tables, *entries))
    told = audit_json(page)["survival"]
    assert list(told) == ["trl-dpo", "tight"]
    assert told["trl-dpo"]["pairs"] == tables.pairs.filter(label="chosen").height
    assert told["tight"]["cut"] > told["trl-dpo"]["cut"] == 0
    html = render(page)
    assert all(f"<code>{name}</code>" in html for name in told)
    assert "<code>trainer/dpo_trainer.py</code>" in html


@pytest.mark.parametrize(
    ("rows", "said"), [(30, "report.survival names no trainer"), (0, "no pair has a preferred answer")]
)
def test_a_page_without_trainers_says_why(rows: int, said: str):
    page = audit(make_tables(rows) if rows else Tables(pairs=make_tables(3).pairs.head(0)), SETTINGS)
    assert f"Not decided: {said}." in render(page)
    assert audit_json(page)["survival"] == {}


def test_names_from_the_data_are_escaped():
    tables = make_tables(120)
    evil = "<script>alert(1)</script>"
    pairs = tables.pairs.with_columns(
        subset=pl.when(pl.int_range(pl.len()) < 60).then(pl.lit(evil)).otherwise(pl.lit("b"))
    )
    html = render(audit(Tables(pairs=pairs), SETTINGS, measured(Tables(pairs=pairs), "trl-dpo")))
    assert evil not in html
    assert "&lt;script&gt;alert(1)" in html.split('id="survival"')[1].split("</section>")[0]
