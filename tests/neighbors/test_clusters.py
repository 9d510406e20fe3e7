"""Clusters: near one representative, whatever hangs together."""

import numpy as np
import polars as pl

from prefq.neighbors.clusters import (
    Clustering,
    chain_notes,
    clustered,
    components,
    copies,
    loose_groups,
    split_chains,
)
from prefq.neighbors.lexical import Candidates, overlap
from prefq.neighbors.links import Links, Settings, Texts, verified
from prefq.neighbors.semantic import BEST, near_vectors

SETTINGS = Settings(lexical_similarity=0.6, semantic_similarity=0.9, scope="all", seed=7)
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def sliding(texts: int, step: int = 8, size: int = 60) -> pl.Series:
    """Each text is near the next one, and far from one a few steps on: a window over words that never come again."""
    words = [f"{ALPHABET[i % 26]}{ALPHABET[i * 7 % 25]}{ALPHABET[i // 26]}ow" for i in range(step * texts + size)]
    return pl.Series([" ".join(words[step * t : step * t + size]) for t in range(texts)])


def all_pairs(n: int) -> Candidates:
    left, right = np.triu_indices(n, 1)
    return Candidates(left, right)


def test_components_are_named_by_their_smallest_member() -> None:
    assert components(6, np.array([4, 2]), np.array([5, 4])).tolist() == [0, 1, 2, 3, 2, 2]


def test_a_chain_is_split_where_members_are_far_from_the_representative() -> None:
    texts = sliding(12)
    named = Texts.of(pl.Series([f"{i:02}" for i in range(12)]), texts)
    links = verified(named, all_pairs(12), SETTINGS)
    assert components(12, links.left, links.right).tolist() == [0] * 12
    label = clustered(named, links, SETTINGS).label
    sizes = np.bincount(label)
    assert sizes.max() <= 5 and len(set(label.tolist())) >= 3
    for cluster in set(label.tolist()):
        members = np.flatnonzero(label == cluster)
        assert members.min() == cluster
        near = [
            overlap(named.forms, Candidates(np.full(members.size, m), members), 7).similarity.min() >= 0.6
            for m in members
        ]
        assert any(near), f"no member of {members} is near all others"


def test_split_chains_are_counted_and_told() -> None:
    chain, single = (
        sliding(12),
        pl.Series(["Keep the loaf in a wooden box, cut side down, in a corner of the kitchen."] * 2),
    )
    texts = Texts.of(pl.Series([f"{i:02}" for i in range(14)]), pl.concat([chain, single]))
    clusters = clustered(texts, verified(texts, all_pairs(12), SETTINGS), SETTINGS)
    parts = len(set(clusters.label[:12].tolist()))
    assert split_chains(clusters) == (1, parts)
    whole = clustered(texts, verified(texts, Candidates(np.array([0]), np.array([1])), SETTINGS), SETTINGS)
    assert split_chains(whole) == (0, 0)
    assert chain_notes(whole, clusters) == [
        f"1 chain of near answers split into {parts} clusters: not every text of a chain is near the others"
    ]


def test_a_contrast_is_not_merged_by_way_of_a_third_text() -> None:
    words = [f"{a}{b}word" for a, b in zip(ALPHABET * 2, ALPHABET[::-1] + ALPHABET[3:] + ALPHABET[:3], strict=True)]
    both = [" ".join([*words, f"in {year} they left"]) for year in (1952, 1987)]
    texts = pl.Series([both[0], both[1], " ".join(words), " ".join(words[2:])])
    named = Texts.of(pl.Series(list("0123")), texts)
    links = verified(named, all_pairs(4), SETTINGS)
    assert components(4, links.merging.left, links.merging.right).tolist() == [0] * 4
    label = clustered(named, links, SETTINGS).label
    assert label[0] != label[1]
    assert label[2] == label[3]


def test_copies_are_closer_than_clusters() -> None:
    words = [f"{a}{b}word" for a, b in zip(ALPHABET * 2, ALPHABET[::-1] + ALPHABET[3:] + ALPHABET[:3], strict=True)]
    base, close, far = " ".join(words), " ".join([*words[:20], *words[22:]]), " ".join(words[:38])
    texts = Texts.of(pl.Series(["0", "1", "2"]), pl.Series([base, close, far]))
    similarity = overlap(texts.forms, Candidates(np.array([0, 0]), np.array([1, 2])), 7).similarity
    assert similarity[0] >= 0.8 > similarity[1] >= 0.6
    clusters = clustered(texts, verified(texts, all_pairs(3), SETTINGS), SETTINGS)
    assert clusters.label.tolist() == [0, 0, 0]
    assert copies(texts, clusters, SETTINGS).tolist() == [0, 0, 2]


def test_near_vectors_are_those_of_a_full_product() -> None:
    draw = np.random.default_rng(3)
    matrix = draw.normal(size=(1500, 8)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    rows = np.arange(0, 1500, 2)
    found = near_vectors(matrix, rows, 0.97)
    left, right = np.nonzero(np.triu(matrix[rows] @ matrix[rows].T >= 0.97, 1))
    assert set(zip(found.left, found.right, strict=True)) == set(zip(rows[left], rows[right], strict=True))
    assert left.size > 0


def test_a_crowd_of_equal_vectors_stays_connected_and_small() -> None:
    matrix = np.ones((2000, 1), np.float32)
    found = near_vectors(matrix, np.arange(2000), 0.9)
    assert found.left.size <= 2000 * (BEST + 1)
    assert components(2000, found.left, found.right).max() == 0


def test_near_vectors_that_chain_everything_together_are_asked_for_more() -> None:
    count = 100
    none = Candidates(np.empty(0, np.int64), np.empty(0, np.int64))
    chain = Candidates(np.arange(count - 1), np.arange(1, count))
    links = Links(none.left, none.right, np.empty(0, np.int8), np.empty(0, np.float32), np.empty(0, np.int8))
    alone = Clustering(np.arange(count), links)
    cosine = np.full(count - 1, 0.91, np.float32)
    cosine[:3] = 0.96
    groups = loose_groups(alone, chain, cosine, none)
    assert groups[:6].tolist() == [0, 0, 0, 0, 4, 5]
    few = Candidates(chain.left[:10], chain.right[:10])
    assert loose_groups(alone, few, cosine[:10], none)[:12].tolist() == [0] * 11 + [11]
