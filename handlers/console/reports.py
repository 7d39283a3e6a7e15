"""Reports, as JSON and as files."""

from __future__ import annotations

from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from services.reports.report_files import LANGUAGES
from services.reports.reports import Report

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReportReader(ConsoleHandler):
    """Reads what a report is asked for, which the page and the files share."""

    async def report(self) -> Report:
        """Raises BadRequest and Busy."""
        names = ("from", "to", "by", "account", "product")
        reports = self.services.reports
        return await reports.report(reports.wanted(*(self.query(name) for name in names)))

    def language(self) -> str:
        """Raises BadRequest."""
        language = self.query("lang") or LANGUAGES[0]
        if language not in LANGUAGES:
            raise BadRequest(f"lang must be one of {', '.join(LANGUAGES)}.")
        return language

    def set_file(self, report: Report, kind: str, end: str) -> None:
        wanted = report.wanted
        name = f"report-{wanted.by}-{wanted.since}-{wanted.until}.{end}"
        self.set_header("Content-Type", kind)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')


class ReportsHandler(ReportReader):
    async def get(self) -> None:
        self.reply((await self.report()).public())


class ReportCsvHandler(ReportReader):
    async def get(self) -> None:
        language, report = self.language(), await self.report()
        self.set_file(report, "text/csv; charset=utf-8", "csv")
        self.finish(self.services.report_files.csv(report, language))


class ReportXlsxHandler(ReportReader):
    async def get(self) -> None:
        language, report = self.language(), await self.report()
        data = await self.services.report_files.xlsx(report, language)
        self.set_file(report, XLSX, "xlsx")
        self.finish(data)


class ReportChoicesHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply(await self.services.reports.choices())
