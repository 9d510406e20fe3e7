"""Two branches of preference data brought together: what one side alone changed merges by itself.

A conflict is two different decisions about one pair. It is told in the form of the review queue, with both opinions.
"""

from prefq.errors import PrefqError
from prefq.merging.conflicts import Conflict, queue_lines
from prefq.merging.labels import MergedLabels, merge_labels
from prefq.merging.tables import MergedTable, merge_tables

__all__ = [
    "Conflict",
    "ConflictError",
    "MergedLabels",
    "MergedTable",
    "merge_labels",
    "merge_tables",
    "queue_lines",
]


class ConflictError(PrefqError):
    """Two branches decided differently: exit code 3, which Git takes for a conflict."""

    exit_code = 3
