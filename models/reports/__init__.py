"""The sums behind the reports."""

from models.reports.sums import ReportSum

__all__ = ["ReportSum"]
