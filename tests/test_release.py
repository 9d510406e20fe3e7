import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from prefq.card import escaped, table
from prefq.errors import PrefqError, SettingsError
from prefq.ids import text_id
from prefq.release import Release, write_release
from prefq.schema import CURATED, LEDGER

AUDIT = {
    "records": 12,
    "pairs": 10,
    "rejected": 2,
    "rejects_by_reason": {"context_mismatch": 2},
    "decisions": {"keep": 6, "drop": 4},
}
VERDICT = {
    "passed": True,
    "rules": [
        {"suite": "raw", "name": "pii", "rule": "<= 10 %", "passed": True},
        {"suite": "raw", "name": "mojibake", "rule": "<= 2 %", "passed": None},
    ],
}
LEDGER_ROWS = pl.DataFrame(
    {
        "decision": ["keep", "drop", "drop", "drop"],
        "reasons": [[], ["empty_answer", "pii"], ["empty_answer"], ["tie"]],
    },
    schema={"decision": LEDGER["decision"], "reasons": LEDGER["reasons"]},
)


def curated(*rows: dict[str, Any]) -> pl.DataFrame:
    filled = [
        {
            **dict.fromkeys(CURATED),
            "row_id": f"d:{i}",
            "dataset": "d",
            "record": i,
            "pair_id": f"p{i}",
            "prompt_id": f"q{i}",
            "prompt": [{"role": "user", "content": f"Question {i}?"}],
            "chosen": f"Good answer {i}",
            "rejected": "Bad one",
            "label": "chosen",
            "dimension": "preference",
            "split": "train",
            "status": "raw",
            "agreement": 1.0,
            "votes": 1,
            **row,
        }
        for i, row in enumerate(rows)
    ]
    frame = pl.DataFrame(filled, schema=CURATED)
    return frame.with_columns(chosen_id=text_id(pl.col("chosen")), rejected_id=text_id(pl.col("rejected")))


SIX = curated({}, {"split": "test"}, {}, {"split": "validation", "status": "gold"}, {}, {"agreement": 0.6, "votes": 5})


def release(folder: Path, pairs: pl.DataFrame = SIX, **changes: Any) -> Release:
    folder.mkdir(exist_ok=True)
    settings = {"formats": ["trl"], "license": "cc-by-4.0", **changes.pop("settings", {})}
    arguments = {"name": "My pairs", "version": "0.1.0", "ledger": None, **changes}
    return write_release(folder, pairs, AUDIT, VERDICT, settings=settings, **arguments)


def yaml_header(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((folder / "README.md").read_text().split("---\n")[1])
    return loaded


def test_each_split_has_its_pairs(tmp_path: Path) -> None:
    done = release(tmp_path)
    assert done == Release(
        6,
        ("README.md", "trl/test.parquet", "trl/train.parquet", "trl/validation.parquet", "SHA256SUMS"),
        ("trl: the agreements of 1 pairs left out; see README.md",),
    )
    train, test = (pl.read_parquet(tmp_path / "trl" / f"{split}.parquet") for split in ("train", "test"))
    assert train["pair_id"].to_list() == ["p0", "p2", "p4", "p5"]
    assert test["chosen"].to_list() == [[{"role": "assistant", "content": "Good answer 1"}]]


def test_splits_have_the_same_columns_even_when_only_some_have_margins(tmp_path: Path) -> None:
    release(tmp_path, curated({"margin_raw": 2.0}, {"split": "test"}))
    assert "margin" not in pl.read_parquet_schema(tmp_path / "trl" / "train.parquet")
    (tmp_path / "full").mkdir()
    release(tmp_path / "full", curated({"margin_raw": 2.0}, {"split": "test", "margin_raw": 1.0}))
    assert pl.read_parquet(tmp_path / "full" / "trl" / "test.parquet")["margin"].to_list() == [1.0]


def test_a_split_without_rows_has_no_file(tmp_path: Path) -> None:
    release(tmp_path, curated({}))
    assert [p.name for p in (tmp_path / "trl").iterdir()] == ["train.parquet"]
    assert yaml_header(tmp_path)["configs"][0]["data_files"] == [{"split": "train", "path": "trl/train.parquet"}]


def test_what_a_format_cannot_hold_is_said(tmp_path: Path) -> None:
    done = release(tmp_path, curated({}, {"label": "tie", "split": "test"}))
    assert "| split |" not in (tmp_path / "README.md").read_text().split("What this format")[1]
    assert done.notes == ("trl: 1 of 2 pairs left out; see README.md",)
    assert "| tie | 1 |" in (tmp_path / "README.md").read_text()


def test_a_format_that_can_hold_none_of_the_pairs_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(PrefqError, match=r"The format trl can hold none of the 2 pairs: 2 × tie\."):
        release(tmp_path, curated({"label": "tie"}, {"label": "tie"}))


def test_several_formats(tmp_path: Path) -> None:
    done = release(tmp_path, settings={"formats": ["prefq", "trl", "prefq"]})
    assert done.pairs == 6
    header = yaml_header(tmp_path)
    assert [(c["config_name"], c.get("default")) for c in header["configs"]] == [("prefq", True), ("trl", None)]
    assert pl.read_parquet(tmp_path / "prefq" / "train.parquet").columns == list(CURATED)


def test_the_header_tells_hubs_licence_columns_sizes_and_splits(tmp_path: Path) -> None:
    release(tmp_path)
    said = [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]
    size = sum(path.stat().st_size for path in (tmp_path / "trl").iterdir())
    assert yaml_header(tmp_path) == {
        "license": "cc-by-4.0",
        "pretty_name": "My pairs",
        "size_categories": ["n<1K"],
        "tags": ["preference", "dpo", "reward-model", "prefq"],
        "configs": [
            {
                "config_name": "trl",
                "default": True,
                "data_files": [{"split": s, "path": f"trl/{s}.parquet"} for s in ("train", "validation", "test")],
            }
        ],
        "dataset_info": [
            {
                "config_name": "trl",
                "features": [
                    *({"name": name, "list": said} for name in ("prompt", "chosen", "rejected")),
                    {"name": "pair_id", "dtype": "string"},
                ],
                "splits": [
                    {"name": "train", "num_examples": 4},
                    {"name": "validation", "num_examples": 1},
                    {"name": "test", "num_examples": 1},
                ],
                "download_size": size,
            }
        ],
    }


def test_the_card_accounts_for_everything(tmp_path: Path) -> None:
    release(tmp_path, ledger=LEDGER_ROWS)
    text = (tmp_path / "README.md").read_text()
    assert "6 preference pairs (prompt, chosen, rejected)" in text
    assert "curated with prefq 0.1.0. The gate said **yes**. Licence: cc-by-4.0." in text
    assert "| train | 4 | 4 | 100 % | 0 | 1 |" in text
    assert "| validation | 1 | 1 | 100 % | 1 | 0 |" in text
    assert "| context\\_mismatch | 2 |" in text
    assert "| decided: drop | 4 |" in text
    assert "| drop | empty\\_answer | 2 |\n| drop | pii | 1 |\n| drop | tie | 1 |" in text
    assert "| raw | mojibake | \\<= 2 % | not decided |" in text


def test_without_a_licence_the_card_says_so(tmp_path: Path) -> None:
    release(tmp_path, settings={"license": None})
    assert "license" not in yaml_header(tmp_path)
    assert "No licence was given" in (tmp_path / "README.md").read_text()


def test_checksums_hold(tmp_path: Path) -> None:
    release(tmp_path)
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert [line.split("  ")[1] for line in lines] == sorted(line.split("  ")[1] for line in lines)
    assert lines[0] == f"{hashlib.sha256((tmp_path / 'README.md').read_bytes()).hexdigest()}  README.md"
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path, check=True)


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    release(tmp_path / "a")
    release(tmp_path / "b")
    assert (tmp_path / "a" / "SHA256SUMS").read_bytes() == (tmp_path / "b" / "SHA256SUMS").read_bytes()


def test_a_format_with_options_has_a_folder_of_its_own(tmp_path: Path) -> None:
    done = release(tmp_path, settings={"formats": ["trl", {"format": "trl", "style": "string"}]})
    assert pl.read_parquet(tmp_path / "trl-string/test.parquet")["chosen"].to_list() == ["Good answer 1"]
    assert [c["config_name"] for c in yaml_header(tmp_path)["configs"]] == ["trl", "trl-string"]
    assert done.pairs == 6


def test_two_rows_of_one_pair_are_one_pair(tmp_path: Path) -> None:
    done = release(tmp_path, settings={"formats": ["trl-kto"]})
    assert (done.pairs, done.notes) == (6, ("trl-kto: the agreements of 1 pairs left out; see README.md",))
    validation = pl.read_parquet(tmp_path / "trl-kto/validation.parquet")
    assert validation.select("label", "pair_id").rows() == [(True, "p3"), (False, "p3")]
    assert yaml_header(tmp_path)["dataset_info"][0]["splits"][0] == {"name": "train", "num_examples": 8}


def test_llamafactory_finds_its_splits_in_dataset_info(tmp_path: Path) -> None:
    done = release(tmp_path, settings={"formats": ["llamafactory"]})
    assert "llamafactory/dataset_info.json" in done.files
    info = json.loads((tmp_path / "llamafactory/dataset_info.json").read_text())
    assert {name: entry["file_name"] for name, entry in info.items()} == {
        "train": "train.parquet",
        "validation": "validation.parquet",
        "test": "test.parquet",
    }


def test_margins_that_only_some_pairs_have_are_spoken_of(tmp_path: Path) -> None:
    done = release(tmp_path, curated({"margin_raw": 2.0}, {}))
    assert done.notes == ("trl: the margins of 1 pairs left out; see README.md",)
    assert "| margin | 1 |" in (tmp_path / "README.md").read_text()


def test_weights_and_soft_labels_are_kept_where_a_format_has_room_and_else_spoken_of(tmp_path: Path) -> None:
    some = curated({"weight": 0.75, "agreement": 0.9}, {"weight": 2.0})
    done = release(tmp_path, some, settings={"formats": ["trl", "hf"]})
    assert done.notes == (
        "trl: the weights of 2 pairs left out; see README.md",
        "trl: the agreements of 1 pairs left out; see README.md",
    )
    hub = pl.concat([pl.read_parquet(path) for path in sorted((tmp_path / "hf").glob("*.parquet"))])
    assert sorted(hub["weight"].to_list()) == [0.75, 2.0]
    assert hub.sort("weight")["agreement"].to_list() == pytest.approx([0.9, 1.0])


@pytest.mark.parametrize(
    ("formats", "sentence"),
    [
        ([{"format": "trl", "stile": "string"}], "release.formats: .* has no option 'stile'"),
        ([{"format": "trl", "style": "song"}], "release.formats: .* must be one of conversational, string"),
        ([{"style": "string"}], "release.formats: there is no output format None"),
        ([["trl"]], r"release.formats: there is no output format \['trl'\]"),
        (["trll"], "release.formats: there is no output format 'trll'; did you mean 'trl'"),
        ([], "must be a list of at least one format"),
        (None, "must be a list of at least one format"),
    ],
)
def test_wrong_formats(tmp_path: Path, formats: Any, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        release(tmp_path, settings={"formats": formats})


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    name = '---\nlicense: mit\n"# <script>alert(1)</script> [x](javascript:y) | `c` \x1b[31m'
    pairs = curated({"dataset": "a|b\n# c <img src=x>"})
    release(tmp_path, pairs, name=name)
    text = (tmp_path / "README.md").read_text()
    assert yaml.safe_load(text.split("---\n")[1])["license"] == "cc-by-4.0"
    body = text.split("---\n", 2)[2]
    assert not re.search(r"(?<!\\)<(script|img)", body)
    assert "| a\\|b \\# c \\<img src=x\\> | 1 |" in text
    assert "\x1b" not in text


def test_a_long_table_is_cut_and_says_so() -> None:
    assert table(("a", "b"), [(i, "x") for i in range(1000)], most=2) == (
        "| a | b |\n| --- | --- |\n| 0 | x |\n| 1 | x |\n\n… and 998 more."
    )


@given(st.text())
def test_escaped_text_is_one_line_without_markup(text: str) -> None:
    line = escaped(text)
    assert len(line.splitlines()) <= 1
    assert not re.search(r"(?<!\\)(\\\\)*[<>|`*\[\]]", line)
