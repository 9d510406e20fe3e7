import polars as pl
from check_pairs import LONG, PLAIN, clusters, flagged, flags, pairs

from prefq.duplicates import PARTNERS

SWAPPED = {"chosen": PLAIN, "rejected": LONG}


def verdicts(*rows: dict[str, object]) -> dict[str, set[str]]:
    frame = pairs(*rows)
    names = ("exact_duplicate", "repeated_judgement", "swapped_duplicate")
    return {name: found for name in names if (found := flagged(name, frame))}


def test_the_same_judgement_in_two_records_is_a_copy() -> None:
    assert verdicts({"name": "a"}, {"name": "b"}, {"name": "other", "prompt": "?"}) == {"exact_duplicate": {"a", "b"}}


def test_the_same_judgement_in_two_datasets_is_a_copy() -> None:
    assert verdicts({"name": "a"}, {"name": "b", "dataset": "e", "record": 0}) == {"exact_duplicate": {"a", "b"}}


def test_two_annotators_who_agree_are_two_judgements() -> None:
    found = verdicts({"name": "a", "annotator": "ann"}, {"name": "b", "annotator": "bob"})
    assert found == {"repeated_judgement": {"a", "b"}}


def test_two_annotators_who_disagree() -> None:
    found = verdicts({"name": "a", "annotator": "ann"}, {"name": "b", "annotator": "bob", **SWAPPED})
    assert found == {"repeated_judgement": {"a", "b"}, "swapped_duplicate": {"a", "b"}}


def test_one_annotator_whose_judgement_was_copied() -> None:
    found = verdicts({"name": "a", "annotator": "ann"}, {"name": "b", "annotator": "ann"})
    assert found == {"exact_duplicate": {"a", "b"}}


def test_unnamed_annotators_of_one_record_are_different_people() -> None:
    found = verdicts({"name": "a", "record": 0, "k": 0}, {"name": "b", "record": 0, "k": 1})
    assert found == {"repeated_judgement": {"a", "b"}}


def test_a_copied_record_of_two_unnamed_annotators() -> None:
    rows = [{"name": f"{record}{k}", "record": record, "k": k} for record in (0, 1) for k in (0, 1)]
    everyone = {"00", "01", "10", "11"}
    assert verdicts(*rows) == {"exact_duplicate": everyone, "repeated_judgement": everyone}


def test_dimensions_are_judged_apart() -> None:
    assert verdicts({"name": "a", "dimension": "helpful"}, {"name": "b", "dimension": "safe", **SWAPPED}) == {}


def test_a_tie_is_the_same_tie_in_the_other_order() -> None:
    found = verdicts({"name": "a", "label": "tie"}, {"name": "b", "label": "tie", **SWAPPED})
    assert found == {"exact_duplicate": {"a", "b"}}


def test_a_tie_and_a_preference_are_two_judgements_but_no_opposites() -> None:
    found = verdicts({"name": "a", "label": "tie"}, {"name": "b"})
    assert found == {"repeated_judgement": {"a", "b"}}


def test_identical_answers_cannot_be_swapped() -> None:
    rows = [{"name": name, "chosen": LONG, "rejected": LONG} for name in ("a", "b")]
    assert verdicts(*rows) == {"exact_duplicate": {"a", "b"}}


def test_evidence_names_the_others() -> None:
    found = flags(pairs({"name": "b"}, {"name": "a"}, {"name": "c", **SWAPPED})).evidence
    texts = {(row, check): evidence for row, check, evidence in found.iter_rows()}
    assert texts["b", "exact_duplicate"] == '{"copies":2,"rows":["a"]}'
    assert texts["c", "swapped_duplicate"] == '{"contradiction_id":null,"rows":["a","b"],"votes":null,"opposed":null}'
    assert texts["a", "swapped_duplicate"] == '{"contradiction_id":null,"rows":["c"],"votes":null,"opposed":null}'


def test_of_many_copies_the_first_are_named() -> None:
    found = flags(pairs(*({"name": f"{n:03}"} for n in range(50)))).evidence.filter(check="exact_duplicate")
    assert found["evidence"][49] == '{"copies":50,"rows":["000","001","002","003","004"]}'
    assert found["evidence"][0] == '{"copies":50,"rows":["001","002","003","004","005"]}'
    assert PARTNERS == 5


def test_clusters_of_pairs() -> None:
    frame = pairs({"name": "a"}, {"name": "copy of a"}, {"name": "b", "prompt": "Why  does it rain?"})
    found = flags(frame, clusters=clusters(frame, pair_cluster=["x", "x", "x"]))
    assert found.table["near_duplicate"].to_list() == [True, True, True]
    evidence = found.evidence.filter(pl.col("check") == "near_duplicate")["evidence"].to_list()
    assert evidence == [
        '{"cluster_pairs":2,"rows":["b"]}',
        '{"cluster_pairs":2,"rows":["b"]}',
        '{"cluster_pairs":2,"rows":["a"]}',
    ]
