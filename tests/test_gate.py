import json
import logging
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from prefq.errors import SettingsError
from prefq.figures import NO_RULES, SHORTCUTS, Figure, figures, flat, known_figures, percent, read_rules
from prefq.gate import Verdict, judge_release
from prefq.ids import text_id
from prefq.params import defaults
from prefq.policy import DEFAULT_POLICY
from prefq.schema import CURATED, PAIRS, REJECTS
from prefq.shortcuts.rules import RULES

ROWS = 10


def curated_pairs(**changes: dict[int, Any]) -> pl.DataFrame:
    """Ten good curated pairs; `changes` maps a column to {row: other value}."""
    rows = [
        {
            **dict.fromkeys(CURATED),
            "row_id": f"d:{i}",
            "dataset": "d",
            "record": i,
            "k": 0,
            "pair_id": f"p{i}",
            "prompt_id": f"q{i}",
            "prompt": [{"role": "user", "content": "Why?"}],
            "chosen": "A good answer",
            "rejected": "A bad one",
            "label": "chosen",
            "dimension": "preference",
            "split": "train",
            "status": "raw",
            "agreement": 1.0,
            "votes": 1,
        }
        for i in range(ROWS)
    ]
    for column, values in changes.items():
        for row, value in values.items():
            rows[row][column] = value
    frame = pl.DataFrame(rows, schema=CURATED)
    return frame.with_columns(chosen_id=text_id(pl.col("chosen")), rejected_id=text_id(pl.col("rejected")))


def flags(rows: int = ROWS, **flagged: int) -> pl.DataFrame:
    """Flags of which the first so many rows are true; benchmark_overlap is decided."""
    counts = {"benchmark_overlap": 0, **flagged}
    ids = [f"d:{i}" for i in range(rows)]
    return pl.DataFrame({"row_id": ids, **{name: [i < n for i in range(rows)] for name, n in counts.items()}})


def judge(
    curated: pl.DataFrame, flagged: pl.DataFrame | None = None, docs: Path | None = None, **rules: Any
) -> Verdict:
    pairs = curated_pairs().select(list(PAIRS))
    rejects = pl.DataFrame(schema=REJECTS)
    return judge_release(
        pairs, rejects, flags() if flagged is None else flagged, curated, None, settings=rules, docs=docs
    )


def broken(verdict: Verdict) -> dict[str, float | None]:
    return {ruling.name: ruling.value for ruling in verdict.broken}


class TestCurated:
    def test_good_pairs_pass(self) -> None:
        verdict = judge(curated_pairs())
        assert verdict.passed
        assert verdict.sentence == "yes: 10 rules hold"

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"pair_id": {1: "p0"}}, "unique_pairs"),
            ({"chosen": {3: " \n"}}, "chosen_length"),
            ({"rejected": {3: "x" * 1_000_001}}, "rejected_length"),
            ({"label": {3: "first"}}, "label"),
            ({"label": {3: None}}, "label"),
            ({"rejected": {3: "A good answer"}}, "answers_differ"),
            ({"prompt": {3: [{"role": "assistant", "content": "Hm"}]}}, "user_turn_last"),
            ({"prompt": {3: []}}, "user_turn_last"),
            ({"split": {3: "dev"}}, "split"),
            ({"split": {3: "test"}, "prompt_id": {3: "q4"}}, "group_in_one_split"),
        ],
    )
    def test_what_a_trainer_takes_for_granted(self, changes: dict[str, Any], rule: str) -> None:
        verdict = judge(curated_pairs(**changes))
        assert not verdict.passed
        assert list(broken(verdict)) == [rule]
        assert broken(verdict)[rule] == (2 if rule in ("unique_pairs", "group_in_one_split") else 1)

    def test_one_pair_may_be_judged_in_two_dimensions(self) -> None:
        assert judge(curated_pairs(pair_id={1: "p0"}, dimension={1: "safe"})).passed

    def test_an_answer_of_several_messages_needs_no_final_text(self) -> None:
        assert judge(curated_pairs(chosen={3: ""}, chosen_messages={3: '[{"role":"tool"}]'})).passed

    def test_an_answer_may_follow_a_tools_result(self) -> None:
        assert judge(curated_pairs(prompt={3: [{"role": "tool", "content": "12 degrees"}]})).passed

    def test_prompt_groups_come_from_clusters(self) -> None:
        curated = curated_pairs(split={3: "test"})
        clusters = curated.select("row_id", prompt_group=pl.lit("g"))
        raw = (curated.select(list(PAIRS)), pl.DataFrame(schema=REJECTS), flags(), curated)
        assert broken(judge_release(*raw, clusters, settings={})) == {"group_in_one_split": 10}
        assert judge_release(*raw, None, settings={}).passed

    def test_a_benchmark_prompt_among_them(self) -> None:
        verdict = judge(curated_pairs(), flags(benchmark_overlap=2))
        assert broken(verdict) == {"no_benchmark_overlap": 2}
        assert verdict.sentence == (
            "no: in 2 of 10 curated pairs the prompt is in a benchmark (1 of 10 rules do not hold)"
        )

    def test_nothing_left_is_a_no(self) -> None:
        verdict = judge(curated_pairs().clear())
        assert broken(verdict) == {"rows": 0}
        assert "no pair is left to release" in verdict.sentence


class TestRaw:
    @pytest.mark.parametrize(
        ("rule", "passed"),
        [
            ("<= 30%", True),
            ("< 30%", False),
            ("<= 29.9 %", False),
            ("<= 3", True),
            ("< 3", False),
            (">= 3", True),
            ("> 3", False),
            ("== 3", True),
            ("= 30%", True),
            ("≤ 2", False),
        ],
    )
    def test_the_boundary(self, rule: str, passed: bool) -> None:
        verdict = judge(curated_pairs(), flags(empty_answer=3), empty_answer=rule)
        assert verdict.passed is passed
        assert verdict.rulings[0].value == (0.3 if "%" in rule else 3)

    def test_a_share_by_name(self) -> None:
        assert judge(curated_pairs(), flags(pii=3), pii_share="<= 0.3").passed
        assert broken(judge(curated_pairs(), flags(pii=3), pii_share="<= 25%")) == {"pii_share": 0.3}

    def test_a_sentence_tells_count_share_and_rule(self) -> None:
        verdict = judge(curated_pairs(), flags(pii=3), pii="<= 2%")
        assert verdict.rulings[0].sentence == "pii is 3 of 10 pairs (30 %); rule: at most 2 %"

    @pytest.mark.parametrize(
        ("rule", "sentence"),
        [
            ("<= 1.25%", "pii is 3 of 10 pairs (30 %); rule: at most 1.25 %"),
            ("<= 29.96%", "pii is 3 of 10 pairs (30.00 %); rule: at most 29.96 %"),
            ("<= 99.97%", "pii is 3 of 10 pairs (30 %); rule: at most 99.97 %"),
            ("<= 30%", "pii is 3 of 10 pairs (30 %); rule: at most 30 %"),
            (">= 31.5%", "pii is 3 of 10 pairs (30 %); rule: at least 31.5 %"),
        ],
    )
    def test_a_limit_is_told_as_it_was_given_and_a_breach_never_reads_like_it(self, rule: str, sentence: str) -> None:
        assert judge(curated_pairs(), flags(pii=3), pii=rule).rulings[0].sentence == sentence

    def test_shares_near_a_limit(self) -> None:
        assert [percent(s, 0.05) for s in (0.0504, 0.050004, 0.05, 0.0496)] == ["5.04 %", "5.0004 %", "5 %", "4.96 %"]
        assert [percent(s, 0.5) for s in (0.0, 0.99999, 1.0)] == ["0 %", "> 99.9 %", "100 %"]

    def test_off_is_no_rule(self) -> None:
        assert judge(curated_pairs(), flags(pii=3), pii="off").sentence == "yes: 10 rules hold"

    def test_a_rule_on_the_curated_pairs_can_be_set_off(self) -> None:
        ends_with_an_answer = curated_pairs(prompt={3: [{"role": "assistant", "content": "Hm"}]})
        for off in ("off", False):
            verdict = judge(ends_with_an_answer, user_turn_last=off)
            assert verdict.sentence == "yes: 9 rules hold"
        assert broken(judge(ends_with_an_answer, user_turn_last="on")) == {"user_turn_last": 1}

    def test_the_figures_are_known_before_there_is_data(self) -> None:
        known = known_figures(["pii"])
        measured = figures(curated_pairs().select(list(PAIRS)), pl.DataFrame(schema=REJECTS), flags(), curated_pairs())
        assert [*known] == [*[*measured][:-1], "pii"]
        assert {n: f.has_share for n, f in known.items() if n in measured} == {
            n: f.has_share for n, f in measured.items() if n in known
        }

    def test_undecided_is_reported_or_fails(self) -> None:
        unknown = flags().with_columns(benchmark_overlap=pl.lit(None, pl.Boolean))
        verdict = judge(curated_pairs(), unknown, benchmark_overlap="<= 0%")
        assert verdict.passed
        assert [r.name for r in verdict.undecided] == ["benchmark_overlap", "no_benchmark_overlap"]
        assert verdict.sentence == "yes: 9 rules hold, 2 not decided"
        strict = judge(curated_pairs(), unknown, undecided="fail")
        assert not strict.passed
        assert strict.sentence.startswith(
            "no: of the curated pairs it is not decided whether the prompt is in no benchmark"
        )

    def test_a_check_that_did_not_run_is_not_decided(self) -> None:
        pairs = curated_pairs()
        raw = (pairs.select(list(PAIRS)), pl.DataFrame(schema=REJECTS), flags(), pairs, None)
        verdict = judge_release(*raw, settings={"pii": "<= 2%"}, checks=["pii"])
        assert verdict.rulings[0].sentence == "pii could not be decided; rule: at most 2 %"
        with pytest.raises(SettingsError, match="no figure or rule 'pii'"):
            judge_release(*raw, settings={"pii": "<= 2%"})

    @pytest.mark.parametrize(
        ("rules", "sentence"),
        [
            ({"pii": None}, "gate.pii says nothing; write an operator and a number"),
            ({"pii": "<= abc"}, "gate.pii: '<= abc' is no rule; write an operator and a number"),
            ({"pii": "5"}, "gate.pii: '5' is no rule"),
            ({"pii": "<= 0.02"}, "gate.pii: '<= 0.02' is no count; write a whole number, or a share with %"),
            ({"pii": "<= 200%"}, "is more than all of them"),
            ({"pii_share": "<= 5"}, "is more than all of them"),
            (
                {"pii": "> 100%"},
                "gate.pii: '> 100%' can never hold, for nothing is over 100 %; write >= or another limit",
            ),
            ({"pii": "< 0"}, "gate.pii: '< 0' can never hold, for nothing is under 0; write <= or another limit"),
            ({"pii": "< 0%"}, "can never hold"),
            ({"pii_share": "> 1"}, "can never hold"),
            ({"pii": "<= -1"}, "gate.pii: '<= -1' is no rule"),
            ({"piii": "<= 5"}, "gate.piii: there is no figure or rule 'piii'; did you mean 'pii'"),
            ({"pairs": "<= 5%"}, "gate.pairs: pairs is a plain count, out of nothing; leave the % away"),
            ({"user_turn_last": "<= 5"}, "gate.user_turn_last: this rule holds for every curated pair or not at all"),
            ({"user_turn_lst": "off"}, "no figure or rule 'user_turn_lst'; did you mean 'user_turn_last'"),
            ({"xyzzy": "off"}, "known: .*curated_pairs, .*group_in_one_split, .*user_turn_last"),
            ({"undecided": "maybe"}, "gate.undecided must be report or fail, not 'maybe'"),
        ],
    )
    def test_rules_that_cannot_be_read(self, rules: dict[str, Any], sentence: str) -> None:
        with pytest.raises(SettingsError, match=sentence):
            judge(curated_pairs(), flags(pii=0), **rules)

    def test_the_default_rules_are_rules(self) -> None:
        measured = figures(
            curated_pairs().select(list(PAIRS)),
            pl.DataFrame(schema=REJECTS),
            flags(**dict.fromkeys([*DEFAULT_POLICY, "swapped_duplicate"], 0)),
            curated_pairs(),
        )
        assert len(read_rules(defaults()["gate"], measured)) == len(defaults()["gate"]) - len(NO_RULES)


class TestFigures:
    def test_each_is_out_of_the_right_whole(self) -> None:
        curated = curated_pairs(
            status={0: "gold"},
            split={0: "test"},
            agreement={1: 0.5, 2: 0.9},  # the one by votes, the other by what a model believes of one judgement
            votes={1: 2},
            rejected={0: "longer than good"},
        )
        pairs = pl.concat([curated.select(list(PAIRS))] * 2)
        rejects = pl.DataFrame({"dataset": "d", "record": [50, 51]}, schema_overrides=dict(REJECTS))
        rejects = rejects.select(
            (pl.col(c) if c in rejects.columns else pl.lit(None)).cast(t).alias(c) for c, t in REJECTS.items()
        )
        found = figures(pairs, rejects, flags(pii=2).with_columns(unsure=pl.lit(None, pl.Boolean)), curated)
        assert found["pairs"].count == 20
        assert found["records"].count == 12
        assert found["rejected"] == Figure(2, 22)
        assert found["kept"] == Figure(10, 10)
        assert found["chosen_longer"] == Figure(18, 20)
        assert found["gold"] == Figure(1, 10)
        assert found["disputed"] == Figure(1, 10)
        assert (found["train"], found["test"]) == (Figure(9, 10), Figure(1, 10))
        assert found["pii"] == Figure(2, 10)
        assert found["unsure"].count is None
        assert found["review"].count is None

    def test_flat(self) -> None:
        assert flat({"a": Figure(1, 3), "b": Figure(7, has_share=False), "c": Figure(None, 3), "d": Figure(0, 0)}) == {
            "a": 1,
            "a_share": 0.333333,
            "b": 7,
            "c": None,
            "c_share": None,
            "d": 0,
            "d_share": None,
        }

    def test_percent_is_whole_only_when_exactly_so(self) -> None:
        shares = [0, 1, 0.00004, 0.99996, 0.02, 0.4449]
        assert [percent(s) for s in shares] == ["0 %", "100 %", "0.004 %", "> 99.9 %", "2 %", "44.5 %"]


class TestGreatExpectations:
    def test_the_verdict_is_the_same_every_time(self) -> None:
        once, again = (json.dumps(judge(curated_pairs(), flags(pii=1), pii="<= 5%").to_json()) for _ in range(2))
        assert once == again
        assert json.loads(once)["rules"][0] == {
            "suite": "raw",
            "name": "pii",
            "rule": "<= 5 %",
            "value": 0.1,
            "passed": False,
            "sentence": "pii is 1 of 10 pairs (10 %); rule: at most 5 %",
            "examples": ["d:0"],
        }

    def test_a_curated_rule_names_the_pairs_that_break_it(self) -> None:
        verdict = judge(curated_pairs(chosen={3: " ", 5: ""}, pair_id={7: "p8"}))
        named = {ruling.name: ruling.examples for ruling in verdict.broken}
        assert named == {"chosen_length": ("d:3", "d:5"), "unique_pairs": ("d:7", "d:8")}
        assert all(ruling.examples == () for ruling in verdict.rulings if ruling.passed)

    def test_data_docs_replace_older_ones(self, tmp_path: Path) -> None:
        docs = tmp_path / "reports" / "data_docs"
        docs.mkdir(parents=True)
        (docs / "old.html").write_text("old")
        judge(curated_pairs(), flags(pii=1), docs=docs, pii="<= 5%")
        judge(curated_pairs(), flags(pii=1), docs=docs, pii="<= 5%")
        assert (docs / "index.html").is_file()
        assert not (docs / "old.html").exists()
        pages = sorted(page.parts[-4] for page in (docs / "validations").rglob("*.html"))
        assert pages == ["curated", "raw"]
        texts = "".join(page.read_text() for page in docs.rglob("*.html"))
        assert "pii is 1 of 10" in texts
        assert "A good answer" not in texts

    def test_it_is_quiet_and_leaves_its_host_as_it_was(self, capfd: pytest.CaptureFixture[str]) -> None:
        filters, showwarning = list(warnings.filters), warnings.showwarning
        judge(curated_pairs(), flags(pii=1), pii="<= 5%")
        assert capfd.readouterr() == ("", "")
        assert warnings.filters == filters
        assert warnings.showwarning is showwarning
        assert not logging.getLogger("py.warnings").handlers

    def test_its_first_import_is_quiet_too(self) -> None:
        code = (
            "import sys; sys.path.insert(0, 'tests'); import test_gate as t; import warnings\n"
            "before = list(warnings.filters), warnings.showwarning\n"
            "assert 'great_expectations' not in sys.modules and 'pandas' not in sys.modules\n"
            "t.judge(t.curated_pairs())\n"
            "assert before == (list(warnings.filters), warnings.showwarning)"
        )
        root = Path(__file__).parents[1]
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], cwd=root, capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")

    def test_shortcuts_are_shares_of_the_pairs_that_they_speak_of(self) -> None:
        curated = curated_pairs()
        tables = curated.select(list(PAIRS)), pl.DataFrame(schema=REJECTS), flags(), curated
        told = {"overall": {"longer_wins": {"value": 0.8349, "low": 0.8, "high": 0.9, "n": 32047}, "code_wins": None}}
        found = figures(*tables, shortcuts=told)
        assert found["shortcut.longer_wins"] == Figure(26756, 32047)
        assert percent(found["shortcut.longer_wins"].share) == "83.5 %"
        assert (found["shortcut.code_wins"].count, found["shortcut.surface"].share) == (None, None)
        assert figures(*tables)["shortcut.longer_wins"].count is None

    def test_a_shortcut_can_close_the_gate(self) -> None:
        pairs, rejects = curated_pairs().select(list(PAIRS)), pl.DataFrame(schema=REJECTS)
        asked = {"shortcut.surface": "<= 70%", "shortcut.first_wins": "<= 60%"}
        told = {"overall": {"surface_accuracy": {"value": 0.86, "low": 0.85, "high": 0.87, "n": 1000}}}
        verdict = judge_release(pairs, rejects, flags(), curated_pairs(), None, settings=asked, shortcuts=told)
        assert broken(verdict) == {"shortcut.surface": 0.86}
        assert "shortcut.surface is 860 of 1,000 pairs that it speaks of (86 %)" in verdict.sentence
        assert [ruling.name for ruling in verdict.undecided] == ["shortcut.first_wins"]

    def test_every_rule_that_is_measured_has_a_figure(self) -> None:
        assert set(SHORTCUTS) == {*RULES, "surface_accuracy", "label_accuracy", "matched_accuracy", "balanced_accuracy"}


def test_a_project_of_great_expectations_asks_the_same_by_itself(tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir()
    for flagged in (0, 3):
        rules = {"settings": {"pii": "<= 10%"}, "project": team}
        pairs, rejects = curated_pairs().select(list(PAIRS)), pl.DataFrame(schema=REJECTS)
        verdict = judge_release(pairs, rejects, flags(pii=flagged), curated_pairs(), None, **rules)
        asked = f"""
            import great_expectations as gx
            context = gx.get_context(mode="file", project_root_dir={str(team)!r})
            outcome = context.checkpoints.get("prefq").run()
            asked = sum(len(result.results) for result in outcome.run_results.values())
            print(outcome.success, asked, len(context.get_docs_sites_urls()))
        """
        run = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", textwrap.dedent(asked)], capture_output=True, text=True, check=True
        )
        assert run.stdout.split() == [str(verdict.passed), str(len(verdict.rulings)), "1"]
    assert verdict.passed is False
