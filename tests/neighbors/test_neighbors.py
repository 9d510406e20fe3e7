"""The whole search: planted variants are found, contrasts never merged, the order of rows does not matter."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from neighbor_rows import SETTINGS, table

from prefq import params, schema
from prefq.errors import SettingsError
from prefq.neighbors import Neighbors, find_neighbors, levels
from prefq.vectors import Vectors

Make = Callable[..., pl.DataFrame]

PROMPT = "Explain how a bicycle stays upright while it is moving, in words that a child of ten years understands."
ANSWER = (
    "A moving bicycle steers itself a little. When it begins to fall to one side, the front wheel turns to that side, "
    "and the wheels roll back under the rider. That is why it is easy to balance on a fast bicycle, and hard on a "
    "slow one."
)
OTHER = (
    "Nobody falls off because the rider always shifts the weight of the body from left to right, like a dancer does."
)
VARIANTS = {
    "in capitals": ANSWER.upper(),
    "with other space": ANSWER.replace(" ", "  ").replace(". ", ".\n\n"),
    "with other marks": ANSWER.replace(",", " -").replace(".", "!"),
    "with typos": ANSWER.replace("steers", "stears").replace("because", "becuase").replace("front", "fornt"),
    "with a word less": ANSWER.replace("moving ", "").replace("little", "bit"),
    "moved around": " ".join(reversed(ANSWER.split(". "))),
    "with a greeting": f"Sure, here is the answer. {ANSWER} Thanks!",
    "cut at the end": ANSWER[: int(len(ANSWER) * 0.85)],
}


@pytest.fixture
def run(make_pairs: Make, settings: dict[str, Any]) -> Callable[..., Neighbors]:
    def search(*rows: tuple[Any, ...], vectors: Vectors | None = None, **changed: Any) -> Neighbors:
        return find_neighbors(make_pairs(rows), vectors, settings=settings | changed, seed=7)

    return search


Run = Callable[..., Neighbors]


@pytest.mark.parametrize("variant", list(VARIANTS))
def test_a_variant_of_an_answer_is_in_its_cluster(run: Run, variant: str) -> None:
    found = run((PROMPT, ANSWER, OTHER), (PROMPT, VARIANTS[variant], OTHER))
    assert found.clusters["chosen_cluster"].n_unique() == 1
    assert found.clusters["pair_cluster"].n_unique() == 1
    levels = found.edges.group_by("level").len().sort("level").rows()
    assert levels == [("answer", 1), ("pair", 1)]


@pytest.mark.parametrize(
    ("variant", "kind"),
    [
        (PROMPT.lower().replace(",", " ;"), "normalized"),
        (PROMPT.replace("Explain", "Expalin").replace("moving", "movin"), "lexical"),
        (f"Hello, please {PROMPT} Thank you very much!", "lexical"),
    ],
)
def test_a_variant_of_a_prompt_is_in_its_cluster(run: Run, variant: str, kind: str) -> None:
    found = run((PROMPT, ANSWER, OTHER), (variant, ANSWER, OTHER))
    assert found.clusters["prompt_cluster"].n_unique() == 1
    assert found.edges.select("level", "kind", "reason").rows() == [("prompt", kind, None), ("pair", kind, None)]


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        (PROMPT.replace("ten", "six"), "number"),
        (PROMPT.replace("stays", "does not stay"), "negation"),
        (PROMPT.replace("a bicycle", "the Titanic").replace("moving", "sinking"), "slot"),
        (PROMPT.replace("bicycle", "motorcycle"), "slot"),
    ],
)
def test_a_contrast_prompt_is_never_merged_but_shares_the_group(run: Run, variant: str, reason: str) -> None:
    found = run((PROMPT, ANSWER, OTHER), (variant, ANSWER, OTHER))
    assert found.clusters["prompt_cluster"].n_unique() == 2
    assert found.clusters["prompt_group"].n_unique() == 1
    assert found.clusters["pair_cluster"].n_unique() == 2
    assert found.edges.select("level", "kind", "reason").rows() == [("prompt", "contrast", reason)]


def test_fillings_of_a_template_are_never_merged(run: Run) -> None:
    dishes = ["soup", "bread", "salad", "noodles", "cake", "curry", "pancakes", "rice", "pizza", "stew"]
    rows = [
        (f"I like to cook at home on weekends. Please give me a recipe for {d}", f"{d} answer", "no") for d in dishes
    ]
    found = run(*rows)
    assert found.clusters["prompt_cluster"].n_unique() == len(dishes)
    assert found.clusters["prompt_group"].n_unique() == 1


def test_a_beginning_that_all_share_does_not_bring_other_names_together(run: Run) -> None:
    names = ["Ada Okoro", "Bela Novak", "Carl Jonsson", "Dora Petit"]
    asked = "Can you tell me the opening hours of the flower shop run by"
    found = run((asked, "What shop?", "No."), *((f"{asked} {name}?", f"Ask {name}.", "No.") for name in names))
    assert found.clusters["prompt_cluster"][1:].n_unique() == len(names)


def test_variants_that_lack_other_names_each_are_one_with_what_they_were_made_of(run: Run) -> None:
    told = "Write a letter from Anna to Boris in which Clara and Dora are asked to paint the fence of the Novak farm."
    variants = [told.replace(f"{name} ", "") for name in ("Anna", "Boris", "Clara", "Dora", "Novak")]
    found = run(*((text, f"Dear {place} times Boris,", "No.") for place, text in enumerate([told, *variants])))
    assert found.clusters["prompt_cluster"].n_unique() == 1


def test_conversations_that_end_in_other_questions_are_apart(run: Run) -> None:
    begin = [{"role": "user", "content": PROMPT}, {"role": "assistant", "content": ANSWER}]
    ends = ["And on a hill?", "And on a hill, then?", "What does it cost to buy one today?"]
    found = run(*(([*begin, {"role": "user", "content": end}], "Yes.", "No.") for end in ends))
    assert found.clusters["prompt_cluster"].to_list()[0] == found.clusters["prompt_cluster"].to_list()[1]
    assert found.clusters["prompt_cluster"].n_unique() == 2
    assert found.clusters["prompt_group"].n_unique() == 1


def test_chinese_variants_are_found_and_contrasts_kept_apart(run: Run) -> None:
    prompt = "请用简单的语言解释一下自行车在行驶的时候为什么不会倒下来"
    rows = [prompt, f"{prompt}？", prompt.replace("简单", "简短"), prompt.replace("自行车", "摩托艇")]
    found = run(*((p, "因为轮子在转动。", "不知道。") for p in rows))
    clusters = found.clusters["prompt_cluster"].to_list()
    assert clusters[0] == clusters[1]
    assert len(set(clusters)) == 3


def test_empty_and_very_short_answers_only_match_in_normal_form(run: Run) -> None:
    found = run((PROMPT, "", "Yes"), (PROMPT, " ", "yes."), (PROMPT, "?", "No"), (PROMPT, "!", "Yep"))
    chosen, rejected = found.clusters["chosen_cluster"].to_list(), found.clusters["rejected_cluster"].to_list()
    assert chosen[0] == chosen[1] and len(set(chosen)) == 3
    assert rejected[0] == rejected[1] and len(set(rejected)) == 3
    assert set(found.edges["kind"]) == {"normalized"}


def test_one_row_and_no_row(run: Run) -> None:
    one = run((PROMPT, ANSWER, OTHER))
    assert one.clusters.height == 1 and one.edges.height == 0
    assert one.clusters["contradiction"].to_list() == [None]
    none = run()
    assert (none.clusters.height, none.edges.height) == (0, 0)
    assert none.clusters.schema == schema.CLUSTERS and none.edges.schema == schema.NEIGHBORS


def test_both_sides_near_identical_keep_their_pair(run: Run) -> None:
    found = run((PROMPT, ANSWER, VARIANTS["with typos"]), (PROMPT, ANSWER, OTHER), (PROMPT, ANSWER, ANSWER))
    assert found.clusters["pair_cluster"].n_unique() == 3
    assert found.clusters["chosen_cluster"].to_list() == found.clusters["rejected_cluster"].to_list()[:1] * 3


def test_a_source_group_is_a_prompt_group(run: Run) -> None:
    other = "Name the largest lake on earth and say how deep it is"
    rows = [(PROMPT, ANSWER, OTHER, {"group_id": "g"}), (other, ANSWER, OTHER, {"group_id": "g"})]
    assert run(*rows).clusters["prompt_group"].n_unique() == 1
    elsewhere = {"group_id": "g", "dataset": "e"}
    assert run(rows[0], (other, ANSWER, OTHER, elsewhere)).clusters["prompt_group"].n_unique() == 2


PARAPHRASE = "Why does a bike not tip over when you ride it? Make it simple enough for young kids."
COLOUR = "Which colour of paint should I choose for the door of my grandmother's little summer house?"


def vectors_of(pairs: pl.DataFrame, *rows: list[float]) -> Vectors:
    """Unit vectors for the prompts in the order of their rows."""
    frame = pl.DataFrame({"id": pairs["prompt_id"], "vector": [[float(x) for x in row] for row in rows]}).sort("id")
    matrix = np.array(frame["vector"].to_list(), np.float32)
    return Vectors(frame["id"], matrix / np.linalg.norm(matrix, axis=1, keepdims=True), "test")


def test_many_prompts_are_searched_by_an_index(
    make_pairs: Make, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("faiss")
    pairs = make_pairs([(PROMPT, ANSWER, OTHER), (PARAPHRASE, ANSWER, OTHER), (COLOUR, ANSWER, OTHER)])
    vectors = vectors_of(pairs, [1, 0.1], [1, 0.2], [0, 1])
    few = find_neighbors(pairs, vectors, settings=settings, seed=7)
    monkeypatch.setattr("prefq.neighbors.levels.MOST", 2)
    many = find_neighbors(pairs, vectors, settings=settings, seed=7)
    assert many.edges.equals(few.edges) and many.clusters.equals(few.clusters)
    monkeypatch.setattr("prefq.neighbors.levels.available", lambda: False)
    without = find_neighbors(pairs, vectors, settings=settings, seed=7)
    assert "prefq[index]" in without.notes[0]


def test_paraphrases_merge_by_their_vectors(make_pairs: Make, settings: dict[str, Any]) -> None:
    pairs = make_pairs([(PROMPT, ANSWER, OTHER), (PARAPHRASE, ANSWER, OTHER), (COLOUR, ANSWER, OTHER)])
    vectors = vectors_of(pairs, [1, 0.1], [1, 0.2], [0, 1])
    found = find_neighbors(pairs, vectors, settings=settings, seed=7)
    clusters = found.clusters["prompt_cluster"].to_list()
    assert clusters[0] == clusters[1] != clusters[2]
    assert found.edges.select("level", "kind").rows() == [("prompt", "semantic"), ("pair", "semantic")]
    assert found.edges["similarity"].to_list() == pytest.approx([0.9951, 0.9951], abs=1e-3)
    assert found.notes == []
    off = find_neighbors(pairs, vectors, settings=settings | {"semantic": False}, seed=7)
    assert off.clusters["prompt_cluster"].n_unique() == 3


def test_near_vectors_with_another_number_are_contrasts(make_pairs: Make, settings: dict[str, Any]) -> None:
    pairs = make_pairs([("What is 17 percent of 80?", "a", "b"), ("Calculate 71 percent out of 80, please", "a", "b")])
    found = find_neighbors(pairs, vectors_of(pairs, [1, 0.1], [1, 0.1]), settings=settings, seed=7)
    assert found.clusters["prompt_cluster"].n_unique() == 2
    assert found.clusters["prompt_group"].n_unique() == 1
    assert found.edges.select("kind", "reason").rows() == [("contrast", "number")]


def test_near_vectors_of_prompts_without_a_word_in_common_are_no_contrast(
    make_pairs: Make, settings: dict[str, Any]
) -> None:
    pairs = make_pairs([("What is 17 percent of 80?", "a", "b"), ("Who wrote the 24 preludes for piano?", "a", "b")])
    found = find_neighbors(pairs, vectors_of(pairs, [1, 0.1], [1, 0.1]), settings=settings, seed=7)
    assert found.edges.height == 0


def test_what_was_not_looked_for_is_said(make_pairs: Make, settings: dict[str, Any], run: Run) -> None:
    assert run((PROMPT, ANSWER, OTHER)).notes == ["no vectors: semantic edges were not looked for"]
    pairs = make_pairs([(PROMPT, ANSWER, OTHER), (COLOUR, ANSWER, OTHER)])
    some = vectors_of(pairs.head(1), [1, 0])
    assert find_neighbors(pairs, some, settings=settings, seed=7).notes == [
        "1 prompts have no vector: no semantic edges for them"
    ]


def test_scope_prompt_compares_answers_to_one_prompt_only(run: Run) -> None:
    rows = [(PROMPT, ANSWER, OTHER), (COLOUR, VARIANTS["with typos"], "blue")]
    assert run(*rows).clusters["chosen_cluster"].n_unique() == 1
    assert run(*rows, scope="prompt").clusters["chosen_cluster"].n_unique() == 2
    same = [(PROMPT, ANSWER, OTHER), (COLOUR, VARIANTS["in capitals"], "blue")]
    assert run(*same, scope="prompt").clusters["chosen_cluster"].n_unique() == 1


def test_scope_auto_compares_across_prompts_up_to_a_size_and_then_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(PROMPT, ANSWER, OTHER), (COLOUR, VARIANTS["with typos"], "blue")]
    assert params.defaults()["neighbors"]["scope"] == "auto"
    near = run(*rows, scope="auto")
    assert near.clusters["chosen_cluster"].n_unique() == 1
    monkeypatch.setattr(levels, "GLOBAL", 3)
    far = run(*rows, scope="auto")
    assert far.clusters["chosen_cluster"].n_unique() == 2
    assert "4 distinct answers are more than 3: compared within a prompt only" in far.notes
    same = [(PROMPT, ANSWER, OTHER), (COLOUR, VARIANTS["in capitals"], "blue"), (PROMPT, "red", "green")]
    assert run(*same, scope="auto").clusters["chosen_cluster"].n_unique() == 2


def test_an_unknown_scope_is_named(run: Run) -> None:
    with pytest.raises(SettingsError, match="'galaxy'; it can be auto, all or prompt"):
        run((PROMPT, ANSWER, OTHER), scope="galaxy")


TEXTS = [ANSWER, *VARIANTS.values(), OTHER, "", "Yes", "yes!", ANSWER.replace("easy", "not easy")]
PROMPTS = [PROMPT, PROMPT.lower(), PROMPT.replace("Explain", "Expalin"), PROMPT.replace("ten", "six"), COLOUR]


@hypothesis_settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(PROMPTS), st.sampled_from(TEXTS), st.sampled_from(TEXTS)), min_size=1, max_size=12
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_matter(rows: list[tuple[str, str, str]], draw: Any) -> None:
    pairs = table(rows)
    order = list(range(len(rows)))
    draw.shuffle(order)
    straight, shuffled = (find_neighbors(p, None, settings=SETTINGS, seed=7) for p in (pairs, pairs[order]))
    assert straight.edges.equals(shuffled.edges)
    assert straight.clusters[order].equals(shuffled.clusters)
    assert straight.clusters["row_id"].equals(pairs["row_id"])
    edges = straight.edges
    assert (edges["left_id"] < edges["right_id"]).all()
    assert edges.select("level", "left_id", "right_id").is_unique().all()
    for level, columns in (("prompt", ["prompt"]), ("answer", ["chosen", "rejected"])):
        inside = dict(
            pl.concat(
                [pl.DataFrame({"id": pairs[f"{c}_id"], "cluster": straight.clusters[f"{c}_cluster"]}) for c in columns]
            ).rows()
        )
        merged = edges.filter((pl.col("level") == level) & (pl.col("kind") == "normalized"))
        assert all(inside[left] == inside[right] for left, right in merged.select("left_id", "right_id").rows())
        assert all(cluster <= text for text, cluster in inside.items())


def test_many_identical_rows_are_no_work(run: Run) -> None:
    begin = time.process_time()
    found = run(*[(PROMPT, ANSWER, OTHER)] * 10_000)
    assert found.edges.height == 0 and found.clusters["pair_cluster"].n_unique() == 1
    assert time.process_time() - begin < 20


def test_a_crowd_of_near_copies_is_one_cluster_and_not_quadratic(run: Run) -> None:
    words = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"]
    answer = f"{ANSWER} {OTHER}"
    rows = [(PROMPT, f"{answer} {words[i % 150]}{words[i // 150]} {words[i * 7 % 150]}", "No.") for i in range(3000)]
    found = run(*rows)
    assert found.clusters["chosen_cluster"].n_unique() == 1
    assert found.edges.filter(pl.col("level") == "answer").height < 50 * 3000


def test_pairs_of_near_answers_that_are_no_copies_stay_two(run: Run) -> None:
    more = f"{ANSWER} A rider helps by turning the bars into the fall, and learns to do so without thinking."
    found = run((PROMPT, ANSWER, OTHER), (PROMPT, more, OTHER), lexical_similarity=0.5)
    assert found.clusters["chosen_cluster"].n_unique() == 1
    assert found.clusters["pair_cluster"].n_unique() == 2


def test_what_is_decided_both_ways_has_one_name(run: Run) -> None:
    more = f"{ANSWER} A rider helps by turning the bars into the fall, and learns to do so without thinking."
    found = run((PROMPT, ANSWER, OTHER), (PROMPT, OTHER, more), lexical_similarity=0.5)
    assert found.clusters["contradiction"].to_list() == ["both_ways", "both_ways"]
    assert found.clusters["contradiction_id"].n_unique() == 1


def test_one_vector_for_a_script_the_encoder_does_not_know_merges_nothing(
    make_pairs: Make, settings: dict[str, Any]
) -> None:
    questions = ["怎样做一份简单的番茄炒蛋？", "请解释一下潮汐是怎么形成的。", "帮我写一封辞职信给经理。"]
    pairs = make_pairs([(question, f"{question}好", "不") for question in questions])
    same = Vectors(pairs["prompt_id"].sort(), np.tile(np.float32([1, 0]), (3, 1)), "test")
    found = find_neighbors(pairs, same, settings=settings, seed=7)
    assert found.clusters["prompt_cluster"].n_unique() == 3
    assert found.edges.filter(level="prompt").is_empty()
