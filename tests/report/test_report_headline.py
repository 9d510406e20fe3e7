from dataclasses import replace

import pytest
from report_tables import SETTINGS, make_tables

from prefq.report import audit
from prefq.report.headline import headline


@pytest.mark.parametrize(
    ("flagged", "pairs", "said"),
    [
        (0, 1, "0 of 1\u00a0pair has a defect or a doubt"),
        (1, 475, "1 of 475\u00a0pairs has a defect or a doubt"),
        (0, 475, "0 of 475\u00a0pairs have a defect or a doubt"),
    ],
)
def test_pairs_that_have_a_flag_are_counted_in_grammar(flagged: int, pairs: int, said: str) -> None:
    found = audit(make_tables(30), SETTINGS)
    told = replace(found, flagged=flagged, flow=replace(found.flow, pairs=pairs))
    assert headline(told)[0].text == said
