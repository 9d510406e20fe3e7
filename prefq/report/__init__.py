"""The audit report: frames → page dataclasses (`data`) → charts, HTML, JSON, plots and the terminal's summary."""

from prefq.report.data import Audit, audit
from prefq.report.metrics import audit_json, plots
from prefq.report.render import render
from prefq.report.summary import summary
from prefq.report.tables import Tables

__all__ = ["Audit", "Tables", "audit", "audit_json", "plots", "render", "summary"]
