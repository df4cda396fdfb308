"""One HTML page of the output of `biopipe run`, for people to read."""

from biopipe.report.options import ReportOptions
from biopipe.report.page import ReportSummary, write_report

__all__ = ["ReportOptions", "ReportSummary", "write_report"]
