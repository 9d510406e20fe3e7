"""Near-identical answers to one prompt of which one only wins and the other only loses, against different answers."""

import polars as pl

from prefq.ballots import VOTE
from prefq.neighbors.tallies import TIE, own_weight

_TWINS = ["prompt_cluster", "dimension", "copy"]


def twins_both_ways(judged: pl.DataFrame) -> pl.DataFrame:
    """The contradictions (`place` and `contradictions.NAMES`) of decisions on copies that were treated differently.

    `judged` is as from `tallies.voted`, by copies. Copies of an answer, not the same text, of which one wins each of
    its comparisons and another loses each: "Paris." beats "Rome", "Paris" loses to "Lyon". A ranking may explain that
    (Lyon, then Paris, then Rome), so the votes are `even`; where one of the rows says so itself (Lyon beats Rome) it is
    no contradiction. Texts that win here and lose there, as all but the ends of a ranking do, say nothing.
    """
    # Near answers compared with each other are a contradiction of another sort, if any.
    decided = judged.filter(pl.col("result") != TIE, pl.col("chosen_cluster") != pl.col("rejected_cluster"))
    sides = [
        decided.select(
            *("place", *_TWINS[:2], "pair_cluster"),
            **{"text": text, "copy": f"{side}_copy", "other": f"{against}_copy"},
            won=pl.lit(side == "winner"),
            own=own_weight(),
        )
        for text, side, against in (("chosen", "winner", "loser"), ("rejected", "loser", "winner"))
    ]
    faces = pl.concat(sides).filter(pl.col("won").n_unique().over(*_TWINS[:2], "text") == 1)
    faces = faces.filter(pl.col("won").n_unique().over(_TWINS) > 1)
    return _told(faces.join(_ranked(faces, judged), on=_TWINS, how="anti"))


def _ranked(faces: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """The twins (prompt, dimension, copy) of which an answer that beat them also beats one that they beat."""
    better, worse = (faces.filter(side).select(*_TWINS, "other").unique() for side in (~pl.col("won"), pl.col("won")))
    decisions = judged.filter(pl.col("result") != TIE).select(*_TWINS[:2], "winner_copy", "loser_copy").unique()
    above = decisions.join(better, left_on=[*_TWINS[:2], "winner_copy"], right_on=[*_TWINS[:2], "other"])
    return above.join(worse, left_on=[*_TWINS, "loser_copy"], right_on=[*_TWINS, "other"], how="semi").select(_TWINS)


def _told(faces: pl.DataFrame) -> pl.DataFrame:
    """Of each row the first of its twins by name."""
    of_winners, of_losers = (pl.col("own").filter(side).max().over(_TWINS) for side in (pl.col("won"), ~pl.col("won")))
    told = faces.with_columns(
        contradiction=pl.lit("both_ways"),
        contradiction_id=pl.col("pair_cluster").min().over(_TWINS),
        contradiction_side=pl.lit("even"),
        contradiction_for=(pl.col("own") / VOTE).cast(pl.Float32),
        contradiction_against=(pl.when("won").then(of_losers).otherwise(of_winners) / VOTE).cast(pl.Float32),
    )
    first = told.sort("place", "contradiction_id", "won").unique("place", keep="first", maintain_order=True)
    return first.select("place", pl.col("^contradiction.*$"))
