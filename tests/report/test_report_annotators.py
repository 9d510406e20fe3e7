"""Annotators and models as the page and the figures tell of them."""

import json
import random

import polars as pl
import pytest
from report_tables import SETTINGS, make_pairs

from prefq import schema
from prefq.agreement import Agreement
from prefq.report import Tables, audit, audit_json, render
from prefq.report.annotators import (
    People,
    alpha_words,
    annotator_rows,
    effect_words,
    kappa_rows,
    matrix,
    people,
    to_json,
)
from prefq.stats import Interval

EVIL = "<img src=x onerror=alert(1)>\u202e"


def judged(pairs: int = 60) -> pl.DataFrame:
    """Pairs that ann and bob both judged, bob one in ten otherwise; three models, of which the first mostly wins."""
    rng, base = random.Random(3), make_pairs(pairs).to_dicts()
    rows = []
    for i, row in enumerate(base):
        models = rng.sample(["strong", "middling", EVIL], 2)
        models.sort(key=lambda m: m != "strong" if rng.random() < 0.8 else m == "strong")
        row |= {"chosen_model": models[0], "rejected_model": models[1], "label": "chosen"}
        row |= {"chosen_id": f"{rng.random()}", "rejected_id": f"{rng.random()}"}
        for annotator, flipped in (("ann", False), ("bob", i % 10 == 0)):
            sides = [("chosen", "rejected"), ("rejected", "chosen")] if flipped else []
            turned = {f"{a}{end}": row[f"{b}{end}"] for a, b in sides for end in ("", "_id", "_model")}
            rows.append(row | turned | {"annotator": annotator, "row_id": f"{row['row_id']}#{annotator}"})
    return pl.DataFrame(rows, schema=schema.PAIRS)


@pytest.fixture(scope="module")
def told() -> People:
    return people(judged(), seed=7)


def test_the_stronger_model_is_a_shortcut_beside_the_others(told: People) -> None:
    assert told.pick is not None and told.pick.value > 0.5
    page = render(audit(Tables(pairs=judged()), {}, people=told))
    assert "the model that wins more often against the other" in page
    assert "the model that wins more often" not in render(audit(Tables(pairs=judged()), {}))


def test_figures_have_stable_keys(told: People):
    found = to_json(told)
    assert list(found) == ["annotators", "models"]
    assert list(found["annotators"]) == [
        *("known", "judged_by_several", "alpha", "fleiss_kappa", "by_annotator", "by_pair"),
    ]
    assert found["annotators"]["known"] == 2
    assert found["annotators"]["judged_by_several"] == 60
    assert found["annotators"]["by_pair"]["ann | bob"]["shared"] == 60
    assert found["annotators"]["by_pair"]["ann | bob"]["agreed"]["value"] == 0.9
    assert list(found["models"]) == ["known", "comparisons", "stronger_chosen", "by_model", "duels", "style_odds"]
    assert set(found["models"]["by_model"]) == {"strong", "middling", EVIL}
    assert list(found["models"]["by_model"]["strong"]) == ["games", "won", "chance", "chance_at_equal_style"]
    assert json.dumps(found)


def test_words_tell_how_far_to_rely_on_judgements(told: People):
    said = alpha_words(told.agreement).replace("\u00a0", " ")
    assert said.startswith("Krippendorff's alpha is 0.8")
    assert "on 60 pairs judged by more than one" in said
    assert "Fleiss' kappa, of the 60 pairs with 2 judgements each" in said


@pytest.mark.parametrize(
    ("alpha", "said"),
    [(0.91, "reliable (0.8 and more)"), (0.7, "tentative conclusions"), (-0.2, "alpha is −0.20"), (0.4, "too little")],
)
def test_alpha_is_put_into_words(alpha: float, said: str):
    found = Agreement(20, (), 10, Interval(alpha, alpha - 0.1, alpha + 0.1, 10), None, 2, ())
    assert said in alpha_words(found)


def test_rows_show_counts_shares_and_intervals(told: People):
    ann, bob = annotator_rows(told.agreement)
    assert (ann[:3], bob[:3]) == (["ann", "60", "0"], ["bob", "60", "0"])
    assert ann[3] == "not decided"
    assert ann[4].startswith("90.0\u00a0% (")
    (kappa,) = kappa_rows(told.agreement)
    assert kappa[:2] == ["ann and bob", "60"]


def test_who_beat_whom_is_told_from_both_sides(told: People):
    assert told.standings is not None
    names, rows = matrix(told.standings)
    assert names == [name for name, _ in rows]
    cells = {(one, other): cell for one, row in rows for other, cell in zip(names, row, strict=True)}
    assert cells["strong", "strong"] == "–"
    won, lost = (float(cells[pair].split("\u00a0")[0]) for pair in (("strong", "middling"), ("middling", "strong")))
    assert won + lost == pytest.approx(100, abs=0.1)
    assert won > 60
    assert all("odds to win ×" in line for line in effect_words(told.standings.effects))


def test_the_page_shows_both_and_escapes_names():
    pairs = judged()
    html = render(audit(Tables(pairs=pairs), SETTINGS, (), people(pairs, seed=7)))
    section = html.split('id="annotators"')[1].split("</section>")[0]
    assert "<img" not in section
    assert "&lt;img src=x" in section
    assert "\u202e" not in section
    assert "Cohen&#39;s kappa" in section or "Cohen's kappa" in section


def test_without_annotators_and_models_the_page_says_so():
    pairs = make_pairs(30)
    page = audit(Tables(pairs=pairs), SETTINGS, (), people(pairs, seed=7))
    html = render(page)
    assert "Not decided: no pair of these sources names its annotator" in html
    assert "Not decided: no pair of these sources names two different models." in html
    figures = audit_json(page)
    assert figures["annotators"]["alpha"] is figures["models"] is None


def test_one_annotator_a_pair_is_no_agreement():
    pairs = make_pairs(30).with_columns(annotator=pl.lit("ann"))
    assert "no pair was judged by more than one of the 1\u00a0annotator" in alpha_words(people(pairs, seed=7).agreement)


def test_a_page_for_which_they_were_not_looked_at_says_so():
    page = audit(Tables(pairs=make_pairs(5)), SETTINGS)
    assert "the report stage has not looked at them" in render(page)
    assert audit_json(page)["annotators"] is None
