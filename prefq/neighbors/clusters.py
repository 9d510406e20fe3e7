"""From links to clusters: every member near one representative, so that chains do not drift."""

from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import numpy.typing as npt

from prefq.neighbors.lexical import Candidates
from prefq.neighbors.links import CONTRAST, LEXICAL, NAME, NUMBER, Links, Settings, Texts, same_forms, verified
from prefq.neighbors.normalize import Ints
from prefq.neighbors.semantic import Floats

Hashes = npt.NDArray[np.uint64]

LOOSE = (0.9, 0.95, 0.98, 2.0)
"""Cosines from which two prompts are of one loose group: the first of them that leaves no group too large."""
TOO_LARGE, SMALL = 0.05, 20
"""A loose group is too large from this share of the prompts on, if it has more than so many."""
LARGE, PATIENT = 256, 8
"""A part of so many linked texts that is left after so many rounds is a chain: it is split in many places at once."""
CLEAR = 0.7
"""Similarity from which two texts with other names or numbers differ in little else: a third cannot make them one."""
COPY = 0.82
"""Similarity from which two answers are copies: what one judgement says of the one, it says of the other."""


@dataclass(frozen=True)
class Clustering:
    """Clusters of the texts of one level."""

    label: Ints
    """For each text the smallest row of its cluster, shape (texts,)."""
    links: Links
    """All verified links; those within a cluster span it."""


def components(nodes: int, left: Ints, right: Ints) -> Ints:
    """For each node the smallest one it is connected with, shape (nodes,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(left.size, np.int8), (left, right)), shape=(nodes, nodes))
    _, part = connected_components(graph, directed=False)
    _, first, place = np.unique(part, return_index=True, return_inverse=True)
    return first[place].astype(np.int64)


def clustered(texts: Texts, links: Links, settings: Settings) -> Clustering:
    """Clusters over equal normal forms and verified links between the first texts of each form.

    In each connected part the text with the most and nearest links, contrasts among them (then the smallest id)
    becomes the representative; members that are verified to be near it stay, the others go through the same again. A
    contrast link never joins: of two members that are a contrast, nearer to each other than to the representative, one
    stays.
    """
    label, every = _split(texts, links, settings)
    return Clustering(label[texts.first], Links.joined([same_forms(texts), *every]))


def copies(texts: Texts, clusters: Clustering, settings: Settings) -> Ints:
    """For each text the smallest row among its copies, shape (texts,): clusters at COPY, within these clusters."""
    links, label = clusters.links.merging, clusters.label
    close = (label[links.left] == label[links.right]) & (links.similarity >= np.float32(COPY)) & (links.kind == LEXICAL)
    closer = replace(settings, lexical_similarity=max(COPY, settings.lexical_similarity))
    return _split(texts, links.only(close), closer)[0][texts.first]


def _split(texts: Texts, links: Links, settings: Settings) -> tuple[Ints, list[Links]]:
    label, found = np.arange(len(texts)), [links]
    rest, known = links.merging, np.sort(_packed(links.left, links.right))
    nearness = _nearness(len(texts), links)
    for number in count():
        if not rest.left.size:
            break
        star = _stars(nearness, rest, known, LARGE if number >= PATIENT else len(texts))
        checked = verified(texts, star.missing, settings)
        found.append(checked)
        near = Links.joined([star.links, checked.merging])
        out = _opposed(texts.sizes, nearness, star.centers, near, found)
        near = near.only(~(out[near.left] | out[near.right]))
        joined = components(len(texts), near.left, near.right)
        settled = np.zeros(len(texts), np.bool_)
        settled[near.left] = settled[near.right] = settled[star.centers] = True
        label[settled] = joined[settled]
        rest = rest.only(~settled[rest.left] & ~settled[rest.right])
    return label, found


def _opposed(sizes: Ints, nearness: Ints, center: Ints, near: Links, found: list[Links]) -> npt.NDArray[np.bool_]:
    """The texts to leave out of a star, shape (texts,): contrasts of another one, where the center cannot tell.

    A center that lacks what two texts differ in is near both of them, but not as near as they are to each other; or
    they differ in a name or a number and are CLEAR. Of the two the one that is nearer to all texts stays. A center that
    is longer than both lacks nothing: each of them lacks something else of it.
    """
    joined, out = components(nearness.size, near.left, near.right), np.zeros(nearness.size, np.bool_)
    to_center, longest = np.zeros(nearness.size, np.float32), np.zeros(nearness.size, np.int64)
    to_center[near.left] = to_center[near.right] = near.similarity
    to_center[center] = 2
    longest[joined[center]] = sizes[center]
    for links in found:
        apart = links.only((links.kind == CONTRAST) & (joined[links.left] == joined[links.right]))
        shorter = np.maximum(sizes[apart.left], sizes[apart.right]) <= longest[joined[apart.left]]
        apart = apart.only(~shorter | (to_center[apart.left] > 1) | (to_center[apart.right] > 1))
        fewer = np.where(nearness[apart.left] >= nearness[apart.right], apart.right, apart.left)
        clear = (apart.similarity >= np.float32(CLEAR)) & np.isin(apart.reason, (NUMBER, NAME))
        out[fewer[(apart.similarity > to_center[fewer]) | clear]] = True
    return out


@dataclass(frozen=True)
class _Stars:
    centers: Ints
    """The representatives."""
    links: Links
    """The links between representatives and members."""
    missing: Candidates
    """The pairs of a representative and a member of its part that were never compared."""


def _stars(nearness: Ints, links: Links, known: Hashes, large: int) -> _Stars:
    """One representative for each part of up to `large` texts, many for the larger ones: each text nearer to all
    than those it is linked with. `known` (sorted) were compared before.
    """
    nodes = nearness.size
    part = components(nodes, links.left, links.right)
    members = np.unique(np.concatenate([links.left, links.right]))
    chains = (np.bincount(part[members], minlength=nodes) > large)[part]
    few = members[~chains[members]]
    best = few[np.lexsort((few, -nearness[few], part[few]))]
    parts, first = np.unique(part[best], return_index=True)
    center = np.zeros(nodes, np.int64)
    center[parts] = best[first]
    centers = center[part[few]]
    wanted = _packed(centers[centers != few], few[centers != few])
    at_center = links.only(np.isin(_packed(links.left, links.right), wanted))
    at = np.searchsorted(known, wanted).clip(max=known.size - 1)
    missing = Candidates.packed(wanted[known[at] != wanted])
    local, around = _local(nearness, links.only(chains[links.left]))
    return _Stars(np.concatenate([best[first], local]), Links.joined([at_center, around]), missing)


def _local(nearness: Ints, links: Links) -> tuple[Ints, Links]:
    """The texts that are nearer to all (then of a smaller id) than those they are linked with; and the link of each
    other text to the nearest such neighbour.
    """
    rank = np.empty(nearness.size, np.int64)
    rank[np.argsort(-nearness, kind="stable")] = np.arange(nearness.size)
    left, right = np.concatenate([links.left, links.right]), np.concatenate([links.right, links.left])
    least = np.full(nearness.size, nearness.size)
    np.minimum.at(least, left, rank[right])
    chosen = (rank < least) & (least < nearness.size)
    row = np.concatenate([np.arange(links.left.size)] * 2)
    at = np.flatnonzero(chosen[right])
    at = at[np.lexsort((right[at], -links.similarity[row[at]], left[at]))]
    _, first = np.unique(left[at], return_index=True)
    wanted = np.zeros(links.left.size, np.bool_)
    wanted[row[at[first]]] = True
    return np.flatnonzero(chosen), links.only(wanted)


def _nearness(nodes: int, links: Links) -> Ints:
    """How much each text has in common with all that it is linked with, shape (nodes,), in thousandths."""
    share = np.rint(1000 * links.similarity.astype(np.float64))
    both = np.concatenate([links.left, links.right])
    return np.bincount(both, np.concatenate([share, share]), minlength=nodes).astype(np.int64)


def _packed(left: Ints, right: Ints) -> npt.NDArray[np.uint64]:
    low, high = np.minimum(left, right).astype(np.uint64), np.maximum(left, right).astype(np.uint64)
    return (low << np.uint64(32)) | high


def loose_groups(clusters: Clustering, near: Candidates, cosine: Floats, alike: Candidates) -> Ints:
    """For each prompt the smallest row of its loose group, shape (prompts,).

    A group joins whole chains of links, contrast pairs, prompts with `near` vectors, and prompts that the source puts
    together (`alike`). Near vectors may chain half a dataset together (conversations have vectors of one sort, and so
    has a script that the encoder does not know); where a group gets too large for folds, a higher `cosine` is asked.
    """
    links = clusters.links
    groups = clusters.label
    for least in LOOSE:
        kept = near.only(cosine >= np.float32(least))
        left = np.concatenate([links.left, kept.left, alike.left])
        right = np.concatenate([links.right, kept.right, alike.right])
        groups = components(clusters.label.size, left, right)
        if np.bincount(groups).max(initial=0) <= max(TOO_LARGE * groups.size, SMALL):
            break
    return groups


def split_chains(clusters: Clustering) -> tuple[int, int]:
    """How many chains of near texts are no single cluster, and into how many clusters these were split."""
    links = clusters.links.merging
    chain = components(clusters.label.size, links.left, links.right)
    cluster = np.unique(clusters.label)
    parts = np.bincount(chain[cluster], minlength=chain.size)
    return int((parts > 1).sum()), int(parts[parts > 1].sum())


def chain_notes(prompts: Clustering, answers: Clustering) -> list[str]:
    """What people should know of chains that were split, a sentence for each level; none where there were none."""
    counts = {"prompts": split_chains(prompts), "answers": split_chains(answers)}
    return [
        f"{chains:,} {'chain' if chains == 1 else 'chains'} of near {name} split into {parts:,} clusters:"
        " not every text of a chain is near the others"
        for name, (chains, parts) in counts.items()
        if chains
    ]
