"""Benchmarks: read by their formats' readers, by column, as lists; and fingerprints in their place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from prefq.cli.benchmarks import Benchmarks, read_benchmarks
from prefq.errors import PrefqError, SourceError
from prefq.overlap import FINGERPRINT, fingerprint
from prefq.params import defaults

EXAMPLES = Path(__file__).parent / "formats/examples"
LAKE = "describe how a lake freezes over from the shore to the middle why the ice swims on top of the water"


def read(path: Path | str, n: int = 13, **entry: Any) -> Benchmarks:
    return read_benchmarks(Path(__file__).parent, [{"path": str(path), **entry}], n)


def asked(path: Path | str, **entry: Any) -> list[tuple[str, str]]:
    return read(path, **entry).prompts.select("benchmark_id", "text").rows()


def file(tmp_path: Path, *records: Any, name: str = "b.jsonl") -> Path:
    path = tmp_path / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("rewardbench", ("0", "Name a colour.")),
        ("rewardbench2", ("12", "Capital of France?")),
        ("rm-bench", ("chat/7", "Capital of France?")),
        ("judgebench", ("a1", "Which of these is a tort? A) theft B) trespass")),
        ("ppe-preference", ("q-1", "Name a prime above 10.")),
        ("ppe-correctness", ("mmlu-1", "Which is a prime? A) 4 B) 5")),
        ("rmb", ("8282", "Name a colour.")),
        ("llmbar", ("0", "Name a fruit.")),
    ],
)
def test_a_benchmark_is_read_by_its_formats_reader(name: str, first: tuple[str, str]) -> None:
    found = asked(EXAMPLES / f"{name}.jsonl")
    assert found[0] == first
    assert len(found) == len(set(found))


def test_the_answers_of_a_benchmark_are_read_under_its_prompts_id() -> None:
    found = read(EXAMPLES / "rm-bench.jsonl").answers.filter(pl.col("benchmark_id") == "chat/7")
    assert found["text"].sort().to_list() == [
        *("**Lyon**, of course.", "**Paris**, of course.", "Lyon, of course, as everybody knows.", "Lyon."),
        *("Paris, of course, as everybody knows.", "Paris."),
    ]
    assert read(EXAMPLES / "rm-bench.jsonl", column="prompt").answers.is_empty()


def test_a_prompt_of_many_pairs_is_read_once() -> None:
    assert [one for one in asked(EXAMPLES / "rm-bench.jsonl") if one[0] in ("chat/7", "math/7")] == [
        ("chat/7", "Capital of France?"),
        ("math/7", "What is two plus two?"),
    ]


def test_a_record_without_a_usable_label_has_a_prompt_all_the_same(tmp_path: Path) -> None:
    good = {"input": "Name a fruit.", "output_1": "Apple.", "output_2": "Carrot.", "label": 1}
    path = file(tmp_path, good, good | {"input": "Name a tree.", "label": 0})
    assert asked(path) == [("0", "Name a fruit."), ("1", "Name a tree.")]


def test_a_prompt_of_many_records_goes_by_the_first(tmp_path: Path) -> None:
    path = file(
        tmp_path, *({"id": f"r{i}", "prompt": "Name a sea.", "chosen": f"{i}", "rejected": "-"} for i in range(4))
    )
    found = read(path)
    assert found.prompts.rows() == [("b", "r0", "Name a sea.")]
    assert found.answers.filter(pl.col("text") == "3").rows() == [("b", "r3", "3")]


def test_records_without_a_prompt_are_counted(tmp_path: Path) -> None:
    good = {"input": "Name a fruit.", "output_1": "Apple.", "output_2": "Carrot.", "label": 1}
    found = read(file(tmp_path, good, good | {"input": "Name a tree."}, good | {"input": None}), format="llmbar")
    assert (found.height, len(found.notes)) == (2, 1)
    assert found.notes[0].startswith("b: 1 records of ")


@pytest.mark.parametrize(
    ("record", "prompt"),
    [
        ({"prompt": "Hi"}, "Hi"),
        ({"instruction": "Hi", "input": "there"}, "Hi"),
        ({"turns": ["Hi", "And then?"]}, "Hi"),
        ({"turns": [{"content": "Hi"}]}, "Hi"),
        ({"messages": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Hi"}]}, "Hi"),
    ],
)
def test_plain_prompts_are_found_in_the_usual_columns(tmp_path: Path, record: dict[str, Any], prompt: str) -> None:
    assert asked(file(tmp_path, {"question_id": 7, **record})) == [("7", prompt)]


def test_a_list_of_prompts_is_read(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('["Name a lake.", "Name a sea."]')
    assert asked(tmp_path / "b.json") == [("0", "Name a lake."), ("1", "Name a sea.")]


def test_a_named_column_comes_before_the_format(tmp_path: Path) -> None:
    path = file(tmp_path, {"id": 3, "prompt": "a", "chosen": "b", "rejected": "c", "seed": "the seed"})
    assert asked(path, column="seed") == [("3", "the seed")]
    assert asked(path) == [("3", "a")]


@pytest.mark.parametrize("records", [[{"prompt": "Hi"}, {"answer": "Ho"}], [{"prompt": "Hi"}, 5]])
def test_a_plain_file_with_a_record_that_has_no_prompt_is_an_error(tmp_path: Path, records: list[Any]) -> None:
    with pytest.raises(SourceError, match="record 1"):
        asked(file(tmp_path, *records))


def test_an_unknown_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PrefqError, match="reward-bench"):
        asked(file(tmp_path, {"prompt": "Hi"}), format="reward-bench")


@pytest.fixture
def pond(tmp_path: Path, prefq: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file(tmp_path, {"id": "l1", "prompt": LAKE}, {"id": "l2", "prompt": "Name a lake."}, name="lakes.jsonl")
    prompts = (f"Tell me this: {LAKE}", "name a LAKE", "Name a river.", LAKE.replace("freezes", "freezs"))
    file(tmp_path, *({"prompt": p, "chosen": "Yes.", "rejected": "No."} for p in prompts), name="x.jsonl")
    assert prefq("ingest", "x.jsonl", "--workdir", "w").code == 0
    assert prefq("fingerprint", "lakes.jsonl", "-o", "lakes.fingerprint").code == 0
    return tmp_path


def hits(pond: Path) -> list[tuple[str, ...]]:
    return pl.read_parquet(pond / "w/data/overlaps.parquet").select("row_id", "benchmark_id", "kind").rows()


def test_a_fingerprint_stands_in_for_its_texts(pond: Path, prefq: Callable[..., Any]) -> None:
    assert prefq("decontaminate", "--workdir", "w", "--against", "lakes.jsonl").code == 0
    assert hits(pond) == [("x:0", "l1", "near"), ("x:1", "l2", "exact"), ("x:3", "l1", "near")]
    ran = prefq("decontaminate", "--workdir", "w", "--against", "lakes.fingerprint")
    assert ran.code == 0
    assert "lakes: only a fingerprint, so prompts that are near, and answers, are not decided" in ran.err
    assert hits(pond) == [("x:0", "l1", "ngram"), ("x:1", "l2", "exact"), ("x:3", "l1", "ngram")]
    evidence = json.loads(pl.read_parquet(pond / "w/data/overlaps.parquet")["evidence"][0])
    assert evidence["benchmark_text"] is None
    assert evidence["ngram"] == " ".join(LAKE.split()[:13])


def test_semantic_matches_need_vectors_and_texts(pond: Path, prefq: Callable[..., Any]) -> None:
    semantic = ("--set", "decontaminate.semantic=true", "--set", "decontaminate.semantic_similarity=0.6")
    ran = prefq("decontaminate", "--workdir", "w", "--against", "lakes.jsonl", *semantic)
    assert ran.code == 0
    assert "no vectors, so semantic matches are not looked for: run `prefq embed` first" in ran.err
    assert prefq("embed", "--workdir", "w", "--set", "embed.encoder=static").code == 0
    file(pond, {"id": "s", "prompt": "What is the name of a river?"}, name="rivers.jsonl")
    assert prefq("decontaminate", "--workdir", "w", "--against", "rivers.jsonl", *semantic).code == 0
    assert hits(pond) == [("x:2", "s", "semantic")]
    assert prefq("decontaminate", "--workdir", "w", "--against", "rivers.jsonl").code == 0
    assert hits(pond) == []
    ran = prefq("decontaminate", "--workdir", "w", "--against", "lakes.fingerprint", *semantic)
    assert "only a fingerprint, so prompts that are near or mean the same, and answers, are not decided" in ran.err


def test_a_fingerprint_and_its_texts_together_find_what_the_texts_do(pond: Path, prefq: Callable[..., Any]) -> None:
    both = ("--against", "lakes.jsonl", "--against", "lakes.fingerprint")
    assert prefq("decontaminate", "--workdir", "w", *both).code == 0
    assert hits(pond) == [("x:0", "l1", "near"), ("x:1", "l2", "exact"), ("x:3", "l1", "near")]


def test_no_word_of_the_benchmark_is_in_its_fingerprint(pond: Path) -> None:
    table = pl.read_parquet(pond / "lakes.fingerprint")
    assert table.schema == FINGERPRINT
    raw = (pond / "lakes.fingerprint").read_bytes().lower()
    assert not [word for word in LAKE.split() if len(word) > 4 and word.encode() in raw]
    runs = table["runs"][0].to_list()
    assert runs == sorted(runs)  # the order in the text is not told
    told = pl.read_parquet_metadata(pond / "lakes.fingerprint")
    counts = ("", ".n", ".normalization", ".prompts", ".runs")
    expected = ["1", "13", "2", "2", str(len(LAKE.split()) - 12)]
    assert [told[f"prefq.fingerprint{name}"] for name in counts] == expected


def test_fingerprints_do_not_change_unless_their_version_does() -> None:
    """Other numbers here mean that NORMALIZATION must be raised: fingerprints made before no longer match."""
    text = f"{LAKE}: 3.5 €, ÇA va\u2026 請問湖水 ภาษาไทย"
    made = fingerprint(pl.DataFrame({"benchmark": ["b"], "benchmark_id": ["0"], "text": [text]}), 13)
    assert made["whole"].to_list() == [WHOLE]
    assert made["runs"][0].to_list()[:2] == RUNS


WHOLE, RUNS = 4666144984096608826, [486686254078985705, 2062477391875815260]


def test_the_rule_of_boilerplate_is_in_the_help(prefq: Callable[..., Any]) -> None:
    ran = prefq("decontaminate", "--help")
    assert "Boilerplate is no overlap." in ran.out
    settings = defaults()
    assert (settings["decontaminate"]["common"], settings["decontaminate"]["n"]) == (5, 13)  # the help names them
    assert "decontaminate.common is this 5" in " ".join(ran.out.split())


def test_a_fingerprint_of_runs_of_another_length_is_refused(pond: Path, prefq: Callable[..., Any]) -> None:
    ran = prefq("decontaminate", "--workdir", "w", "--against", "lakes.fingerprint", "--set", "decontaminate.n=8")
    assert ran.code == 1
    assert "fingerprint of runs of 13 words, but decontaminate.n is 8" in ran.err


def test_a_project_is_not_compared_with_files_of_the_command_line(pond: Path, prefq: Callable[..., Any]) -> None:
    (pond / "w/dvc.yaml").write_text("stages: {}\n")
    ran = prefq("decontaminate", "--workdir", "w", "--against", "lakes.jsonl")
    assert (ran.code, "decontaminate.against" in ran.err) == (2, True)


def test_fingerprints_can_be_joined(pond: Path, prefq: Callable[..., Any]) -> None:
    file(pond, {"prompt": "Name a sea."}, name="seas.jsonl")
    assert prefq("fingerprint", "lakes.fingerprint", "oceans=seas.jsonl", "-o", "waters.fingerprint").code == 0
    table = pl.read_parquet("waters.fingerprint")
    assert table.select("benchmark", "benchmark_id").rows() == [("lakes", "l1"), ("lakes", "l2"), ("oceans", "0")]
