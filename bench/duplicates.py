"""Near-duplicate search beside datasketch's MinHash and LSH, the peer that most deduplication scripts are built on."""

import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import polars as pl

from bench import data
from bench.measure import Cost, call, prefq
from bench.page import section, table

Pairs = set[tuple[int, int]]
SIMILARITY = 0.6
PERMUTATIONS = 128
DOUBTFUL = 0.5

READ = """{texts:,} answers, {planted:,} of them planted variants of others ({kinds}; {each} each); the threshold of
similarity is {similarity} for all. prefq: normal form, sketches, exact comparison of every candidate, a look at the
words that differ (numbers, names, negations), clusters; *found* means in one cluster (two texts that differ by a
name, number or negation are told apart, and so not found). datasketch: lower-case words or letters without marks,
sketches of {permutations} permutations with its own SHA-1 hash, an LSH index in which every text is looked up;
*found* means that the look-up returns the original, nothing compared. *Other pairs* were not planted; *doubtful*
are those of them whose 5-letter shingles are less than {doubtful} alike: to be sorted out by whoever does not
compare. The CPU of each is beside prefq's."""


def prefq_pairs(texts: list[str]) -> Pairs:
    """Near answers by prefq: each with the one that stands for its cluster, and every link of the cluster."""
    from prefq.neighbors.levels import answer_clusters
    from prefq.neighbors.links import Settings, Texts

    ids = pl.Series([f"{number:08d}" for number in range(len(texts))])
    nobody = np.empty(0, np.int64)
    found, _ = answer_clusters(Texts.of(ids, pl.Series(texts)), nobody, nobody, Settings(SIMILARITY, 0.9, "all", 7))
    members: dict[int, list[int]] = {}
    for text, label in enumerate(found.label.tolist()):
        members.setdefault(label, []).append(text)
    return {(a, b) for group in members.values() for a in group for b in group if a < b}


def datasketch_pairs(texts: list[str], shingles: Callable[[str], Iterable[str]]) -> Pairs:
    """What a look-up of each text in an LSH index of those before it returns."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=SIMILARITY, num_perm=PERMUTATIONS)
    found: Pairs = set()
    sets = ([shingle.encode() for shingle in shingles(text)] for text in texts)
    for number, sketch in enumerate(MinHash.bulk(sets, num_perm=PERMUTATIONS)):
        found.update((earlier, number) for earlier in index.query(sketch))
        index.insert(number, sketch)
    return found


def bare_words(text: str) -> list[str]:
    """The words in lower case, without marks."""
    return re.findall(r"\w+", text.lower())


def word_shingles(text: str) -> set[str]:
    """Runs of five words."""
    words = bare_words(text)
    return {" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))}


def letter_shingles(text: str) -> set[str]:
    """Runs of five characters."""
    letters = " ".join(bare_words(text))
    return {letters[i : i + 5] for i in range(max(1, len(letters) - 4))}


def similarity(left: str, right: str) -> float:
    """The Jaccard similarity of two texts' 5-letter shingles, exact."""
    a, b = letter_shingles(left), letter_shingles(right)
    return len(a & b) / len(a | b)


def answer(quick: bool = False) -> str:
    """The section."""
    each = 10 if quick else 125
    texts, planted = _texts(100 if quick else 4_500, each, quick)
    prefq_pairs(texts[:300])  # loads its compiled loops
    runs = {
        "prefq": call(lambda: prefq_pairs(texts)),
        "datasketch, 5 words": call(lambda: datasketch_pairs(texts, word_shingles)),
        "datasketch, 5 letters": call(lambda: datasketch_pairs(texts, letter_shingles)),
    }
    unit = runs["prefq"][1].cpu
    lines = [_line(name, found, cost, unit, planted, texts) for name, (found, cost) in runs.items()]
    header = ("", "CPU s", "wall s", "CPU", *planted, "other pairs", "doubtful")
    facts = {"texts": len(texts), "planted": each * len(planted), "kinds": ", ".join(planted), "each": each}
    read = READ.format(**facts, similarity=SIMILARITY, permutations=PERMUTATIONS, doubtful=DOUBTFUL)
    return section("Near duplicates: what does a search cost and find beside datasketch?", read, table(header, lines))


def _texts(originals: int, each: int, quick: bool) -> tuple[list[str], dict[str, Pairs]]:
    """Answers with variants of some after them, and by kind which two belong together."""
    texts = _answers(originals, quick)
    planted: dict[str, Pairs] = {}
    for kind, changed in data.variants(texts, each).items():
        planted[kind] = {(at, len(texts) + place) for place, (at, _) in enumerate(changed)}
        texts += [text for _, text in changed]
    return texts, planted


def _answers(count: int, quick: bool) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        source = data.real(Path(folder) / "raw", quick)
        prefq("ingest", *source.files, "--workdir", Path(folder) / "work")
        return data.answers(Path(folder) / "work", count)


def _line(
    name: str, found: Pairs, cost: Cost, unit: float, planted: dict[str, Pairs], texts: list[str]
) -> tuple[object, ...]:
    others = found - set().union(*planted.values())
    doubtful = sum(similarity(texts[a], texts[b]) < DOUBTFUL for a, b in others)
    hits = [f"{len(pairs & found)}/{len(pairs)}" for pairs in planted.values()]
    return (name, cost.cpu, cost.wall, f"{cost.cpu / unit:.1f} ×", *hits, len(others), doubtful)
