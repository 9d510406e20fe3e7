"""prefq's search for near duplicates and those of its peers: each takes texts and gives a cluster label for each.

`python -m bench.peers NAME FOLDER` runs one of them in a process of its own: it reads `texts.parquet` there and writes
`NAME.npy` (labels) and `NAME.json` (what it cost, without loading libraries, models and compiled loops).
"""

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from bench.corpus import warm
from bench.measure import measured

Labels = npt.NDArray[np.int64]
Search = Callable[[Sequence[str]], Labels]
Shingles = Callable[[str], set[str]]

LIKE = 0.5
"""Estimated similarity from which a pair counts, where recall is to be that of prefq: what its exact 0.6 lets through
as well (a text within another) lies below 0.6."""


@dataclass(frozen=True)
class Peer:
    """A way to search."""

    name: str
    """As shown."""
    search: Callable[[str], Search]
    """For `answers` or `prompts`."""
    wheels: tuple[str, ...] = ()
    """What is installed for it alone, without dependencies: its pins do not go with prefq's."""


def bare_words(text: str) -> list[str]:
    """The words in lower case, without marks."""
    return re.findall(r"\w+", text.lower())


def word_shingles(text: str) -> set[str]:
    """Runs of five words."""
    words = bare_words(text)
    return {" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))}


def letter_shingles(text: str) -> set[str]:
    """Runs of five characters of the words."""
    letters = " ".join(bare_words(text))
    return {letters[i : i + 5] for i in range(max(1, len(letters) - 4))}


def bands(level: str) -> tuple[int, int]:
    """How many bands of how many slots prefq looks at."""
    return (32, 4) if level == "answers" else (42, 3)


def prefq(level: str, guard: bool) -> Search:
    """prefq's own search; without the guard of meaning nothing near is told apart."""

    def search(texts: Sequence[str]) -> Labels:
        from bench.quality import found
        from prefq.neighbors import links

        if not guard:
            links._reasons = lambda _, pairs, *__: np.zeros(pairs.left.size, np.int8)
        return found(texts, level).label

    return search


def datasketch_search(shingles: Shingles, like: float | None, **index: Any) -> Search:
    """A look-up of each text among those before it; with `like`, only what the sketches find so similar counts."""

    def search(texts: Sequence[str]) -> Labels:
        from datasketch import MinHash, MinHashLSH

        lsh, sketches = MinHashLSH(num_perm=128, **index), []
        pairs: list[tuple[int, int]] = []
        sets = ([shingle.encode() for shingle in shingles(text)] for text in texts)
        for number, sketch in enumerate(MinHash.bulk(sets, num_perm=128)):
            others = lsh.query(sketch)
            pairs += [(other, number) for other in others if not like or sketches[other].jaccard(sketch) >= like]
            lsh.insert(number, sketch)
            if like:
                sketches.append(sketch)
        return joined(len(texts), pairs)

    return search


def rensa_keep(texts: Sequence[str]) -> Labels:
    """As its README says: words, its deduplicator at 0.8; each text that is not kept goes to what it is like."""
    from rensa import RMinHash, RMinHashDeduplicator

    sketches = RMinHash.from_token_sets([text.split() for text in texts], num_perm=128, seed=42)
    kept = RMinHashDeduplicator(threshold=0.8, num_perm=128, use_lsh=True)
    keep = kept.add_pairs((str(number), sketch) for number, sketch in enumerate(sketches))
    gone = [number for number, wanted in enumerate(keep) if not wanted]
    found = kept.get_duplicate_sets([sketches[number] for number in gone])
    pairs = ((int(other), number) for number, near in zip(gone, found, strict=True) for other in near)
    return joined(len(texts), pairs)


def rensa_letters(level: str) -> Search:
    """The shingles and bands of prefq, in rensa's sketches and index; what its sketches find similar counts."""
    count, rows = bands(level)

    def search(texts: Sequence[str]) -> Labels:
        from rensa import RMinHash, RMinHashLSH

        shingled = (list(letter_shingles(text)) for text in texts)
        sketches = RMinHash.from_token_sets(shingled, num_perm=count * rows, seed=42)
        index = RMinHashLSH(threshold=LIKE, num_perm=count * rows, num_bands=count)
        index.insert_many(sketches)
        pairs = (
            (other, number)
            for number, near in enumerate(index.query_all(sketches))
            for other in near
            if other < number and sketches[other].jaccard(sketches[number]) >= LIKE
        )
        return joined(len(texts), pairs)

    return search


def text_dedup_search(*options: str) -> Search:
    """Its command for MinHash, whole: files in, files out."""

    def search(texts: Sequence[str]) -> Labels:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["HF_DATASETS_CACHE"] = folder
            from text_dedup import minhash

            pl.DataFrame({"text": texts}).write_parquet(f"{folder}/texts.parquet")
            files = ("--path", "parquet", "--data_files", f"{folder}/texts.parquet", "--cache_dir", folder)
            rest = ("--split", "train", "--column", "text", "--batch_size", "10000", "--output", f"{folder}/out")
            minhash.main([*files, *rest, "--num_proc", "1", *options], standalone_mode=False)
            return np.array([minhash.uf.find(number) for number in range(len(texts))])

    return search


def semhash_search(threshold: float) -> Search:
    """Its one call, with prefq's static encoder as its model (its own default would have to be fetched from a hub)."""

    def search(texts: Sequence[str]) -> Labels:
        from semhash import SemHash

        found = SemHash.from_records(list(texts), model=_static_model()).self_deduplicate(threshold=threshold)
        rows: dict[str, list[int]] = {}
        for number, text in enumerate(texts):
            rows.setdefault(text, []).append(number)
        groups = ([item.record, *(text for text, _ in item.duplicates)] for item in found.selected_with_duplicates)
        pairs = ((rows[group[0]][0], number) for group in groups for text in group for number in rows[text])
        return joined(len(texts), pairs)

    return search


@cache
def _static_model() -> Any:
    from model2vec import StaticModel

    from prefq.encoders import cache_home, open_encoder
    from prefq.encoders.static import RECIPE

    open_encoder("static")
    return StaticModel.from_pretrained(cache_home() / "models" / RECIPE)


def joined(texts: int, pairs: Iterable[tuple[int, int]]) -> Labels:
    """Labels of the parts that these pairs connect, shape (texts,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(texts, texts))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _datasketch_letters(level: str) -> Search:
    return datasketch_search(letter_shingles, LIKE, params=bands(level))


TEXT_DEDUP = ("text-dedup==0.4.0", "click-option-group==0.5.9")
PEERS = {
    "prefq": Peer("prefq", partial(prefq, guard=True)),
    "unguarded": Peer("prefq, guard excluded", partial(prefq, guard=False)),
    "datasketch-letters": Peer("datasketch, 5 letters, checked", _datasketch_letters),
    "datasketch": Peer("datasketch, 5 words, 0.7", lambda _: datasketch_search(word_shingles, None, threshold=0.7)),
    "rensa-letters": Peer("rensa, 5 letters, checked", rensa_letters),
    "rensa": Peer("rensa, words, 0.8", lambda _: rensa_keep),
    "text-dedup-near": Peer(
        "text-dedup, 2 words, 0.5", lambda _: text_dedup_search("--ngram", "2", "--threshold", "0.5"), TEXT_DEDUP
    ),
    "text-dedup": Peer("text-dedup, 5 words, 0.7", lambda _: text_dedup_search(), TEXT_DEDUP),
    "semhash-near": Peer("semhash, 0.8", lambda _: semhash_search(0.8)),
    "semhash": Peer("semhash, 0.9", lambda _: semhash_search(0.9)),
}


def main(name: str, folder: Path) -> None:
    """Run one search on the texts of a folder."""
    frame = pl.read_parquet(folder / "texts.parquet")
    texts, search = frame["text"].to_list(), PEERS[name].search(frame["level"][0])
    search(warm(texts))
    labels, cost = measured(lambda: search(texts))
    np.save(folder / f"{name}.npy", labels)
    (folder / f"{name}.json").write_text(json.dumps(asdict(cost)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
