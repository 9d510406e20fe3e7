"""Clusters, siblings and contradictions on the page: who is with whom, what is drawn, escaped."""

import polars as pl
from report_tables import SETTINGS, make_pairs

from prefq import schema
from prefq.report import Tables, audit, render
from prefq.report.clusters import alike_texts
from prefq.report.cycles import contradicting

PROMPTS = ("How do I boil an egg?", "How do I boil an egg", "How do I boil two eggs?", "<script>alert(1)</script>")
CYCLE = (("x", "y", "majority"), ("y", "z", "majority"), ("z", "x", "removed"))


def tables() -> Tables:
    """Two near prompts, a third that differs by a number; the first three rows prefer in a circle."""
    pairs = make_pairs(4).with_columns(
        row_id=pl.Series(["a:0", "a:1", "a:2", "a:3"]),
        prompt_id=pl.Series(["p0", "p1", "p2", "p3"]),
        prompt=pl.Series([[{"role": "user", "content": t}] for t in PROMPTS], dtype=schema.MESSAGES),
        chosen=pl.Series(["Ex <b>", "Why", "Zed", "Four"]),
        rejected=pl.Series(["Why", "Zed", "Ex <b>", "Five"]),
    )
    ends = [*CYCLE, ("u", "v", None)]
    clusters = pl.DataFrame(
        {
            "row_id": pairs["row_id"],
            "prompt_cluster": ["c0", "c0", "c2", "c3"],
            "prompt_group": ["c0"] * 4,
            "chosen_cluster": [winner for winner, _, _ in ends],
            "rejected_cluster": [loser for _, loser, _ in ends],
            "pair_cluster": pairs["pair_id"],
            "contradiction": ["cycle"] * 3 + [None],
            "contradiction_id": ["k"] * 3 + [None],
            "contradiction_side": [side for _, _, side in ends],
            "contradiction_for": [1.0] * 3 + [None],
            "contradiction_against": [0.0] * 3 + [None],
        }
    )
    edges = [("prompt", "p0", "p1", "normalized", 1.0, None), ("prompt", "p0", "p2", "contrast", 0.8, "number")]
    near = pl.DataFrame(edges, schema=schema.NEIGHBORS, orient="row")
    return Tables(pairs=pairs, clusters=clusters, neighbors=near)


def test_near_prompts_stand_in_one_cluster_and_a_contrast_apart() -> None:
    found = alike_texts(tables(), SETTINGS)
    assert found is not None
    prompts = [c for c in found.clusters if c.level == "prompt"]
    assert [(c.texts, c.pairs, c.representative.row_id, [m.row_id for m in c.members]) for c in prompts] == [
        (2, 2, "a:0", ["a:1"])
    ]
    (sibling,) = found.siblings
    assert (sibling.level, sibling.reason, sibling.edges) == ("prompt", "number", 1)
    assert "<mark" in sibling.other.text.html and "two" in sibling.other.text.html


def test_a_cycle_has_an_arrow_for_each_judgement_and_one_to_take_out() -> None:
    (cycle,) = contradicting(tables(), SETTINGS)
    assert [(a.winner, a.loser, a.removed) for a in cycle.arcs] == [
        ("A", "B", False),
        ("B", "C", False),
        ("C", "A", True),
    ]
    assert cycle.sentence == "A over B; B over C; C over A. Proposed for removal: C over A."
    assert [(a.name, a.text) for a in cycle.answers][:2] == [("A", "Ex <b>"), ("B", "Why")]


def test_the_order_of_rows_changes_nothing() -> None:
    given = tables()
    assert given.clusters is not None and given.neighbors is not None
    turned = Tables(pairs=given.pairs.reverse(), clusters=given.clusters.reverse(), neighbors=given.neighbors.reverse())
    assert contradicting(turned, SETTINGS) == contradicting(given, SETTINGS)
    assert alike_texts(turned, SETTINGS) == alike_texts(given, SETTINGS)


def test_the_page_draws_the_cycle_and_escapes_its_answers() -> None:
    page = render(audit(tables(), SETTINGS))
    section = page[page.index('id="duplicates-h"') :].split("</section>")[0]
    assert section.count('role="img"') == 1
    assert section.count('stroke-dasharray="5 4"') == 1
    assert "Ex &lt;b&gt;" in section and "<script" not in section and "style=" not in section


def test_without_clusters_nothing_is_claimed() -> None:
    bare = Tables(pairs=tables().pairs)
    assert (alike_texts(bare, SETTINGS), contradicting(bare, SETTINGS)) == (None, ())
