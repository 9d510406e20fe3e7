import polars as pl
import pytest

from prefq.exemplars import Material, exemplars
from prefq.figures import Figure, read_rules
from prefq.schema import CURATED, LEDGER, PAIRS, REJECTS

ROWS = [("a:0", "chosen", "long answer", "no"), ("a:1", "chosen", "no", "long"), ("a:2", "tie", "one", "other")]
PAIRS_READ = pl.DataFrame(
    [
        {**dict.fromkeys(PAIRS), "row_id": row, "label": label, "chosen": chosen, "rejected": rejected}
        for row, label, chosen, rejected in [*ROWS, ("a:3", "chosen", "longer", "none")]
    ],
    schema=PAIRS,
)
REJECTED = [{"dataset": "a", "record": 4, "k": k, "reason": "null_field"} for k in (0, 1)]
DECISIONS = {"a:0": "keep", "a:1": "drop", "a:2": "review", "a:3": "flip"}
TABLES = Material(
    pairs=PAIRS_READ,
    rejects=pl.DataFrame([{**dict.fromkeys(REJECTS), **reject} for reject in REJECTED], schema=REJECTS),
    flags=pl.DataFrame({"row_id": list(DECISIONS), "pii": [None, True, False, True]}),
    curated=pl.DataFrame(
        [{**dict.fromkeys(CURATED), "row_id": row, "split": "train"} for row in ("a:0", "a:3")], schema=CURATED
    ),
    ledger=pl.DataFrame(
        [{**dict.fromkeys(LEDGER), "row_id": row, "decision": told} for row, told in DECISIONS.items()], schema=LEDGER
    ),
)


def found(figure: str, rule: str) -> tuple[str, ...]:
    (read,) = read_rules({figure: rule}, {figure: Figure(1, 2)})
    return exemplars(read, TABLES)


@pytest.mark.parametrize(
    ("figure", "rule", "rows"),
    [
        ("pii", "<= 1%", ("a:1", "a:3")),
        ("pii", ">= 99%", ("a:2",)),
        ("rejected", "<= 0", ("a:4",)),
        ("ties", "<= 0", ("a:2",)),
        ("chosen_longer", "<= 10%", ("a:0", "a:3")),
        ("chosen_longer", ">= 90%", ("a:1",)),
        ("shortcut.shorter_wins", "<= 10%", ("a:1",)),
        ("kept", ">= 90%", ("a:1", "a:2")),
        ("flipped", "<= 0", ("a:3",)),
        ("train", "<= 1", ("a:0", "a:3")),
        ("test", ">= 1", ("a:0", "a:3")),
        ("prompts", ">= 9", ()),
    ],
)
def test_a_broken_rule_has_rows_to_look_at(figure: str, rule: str, rows: tuple[str, ...]) -> None:
    assert found(figure, rule) == rows


def test_without_a_ledger_decisions_have_no_rows() -> None:
    (rule,) = read_rules({"kept": ">= 90%"}, {"kept": Figure(1, 2)})
    assert exemplars(rule, Material(TABLES.pairs, TABLES.rejects, TABLES.flags, TABLES.curated)) == ()
