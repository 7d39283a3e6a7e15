"""One line a record, whoever wrote it and whatever came."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
from pathlib import Path

import pytest

from assembly.log_lines import FORMATS, JsonLines, TextLines, one_line
from tests.support.processes import prepare, service

pytestmark = pytest.mark.one_database

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [\w.]+: ")
ATTACKS = [
    "/static/..%2F%0a2026-01-01 00:00:00,000 CRITICAL paywatch: forged",
    "/static/..%2F%0d%1b[31mred%1b[0m",
    "/static/..%2F%c2%85%e2%80%a8next",
    "/static/..%2F%e2%80%aegnp.exe",
    "/static/%00",
    "/static/%2e%2e/server.py",
]


def record(message: str, *args: object, error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("any.logger", logging.ERROR, "f.py", 1, message, args, info)


def raised() -> Exception:
    try:
        raise ValueError("first\nsecond \x1b[2J")
    except ValueError as error:
        return error


@pytest.mark.parametrize("form", FORMATS)
def test_a_record_is_one_line_without_control_characters(form: str) -> None:
    formatter = FORMATS[form]()
    for told in ("a\nb", "a\r\nb", "\x1b[31m", "\x7f\x85\x9b", "\u2028\u2029", "\u202egnp", "\x00"):
        for line in (
            formatter.format(record(told)),
            formatter.format(record("%s", told)),
            formatter.format(record("x", error=raised())),
        ):
            assert all(c.isprintable() for c in line), repr(line)
            assert len(line.splitlines()) == 1


def test_chinese_stays_as_it_is() -> None:
    assert one_line("订单 — 支付 ¥88.00 🩷") == "订单 — 支付 ¥88.00 🩷"
    assert TextLines().format(record("订单")).endswith("ERROR any.logger: 订单")


def test_json_holds_the_message_and_the_traceback_as_they_were() -> None:
    told = json.loads(JsonLines().format(record("a\n%s\u2028", "b\x1b", error=raised())))
    assert told["message"] == "a\nb\x1b\u2028"
    assert (told["level"], told["logger"]) == ("ERROR", "any.logger")
    assert told["traceback"].splitlines()[0] == "Traceback (most recent call last):"
    assert told["time"].endswith("Z")


async def asked(port: int, target: str) -> bytes:
    """The status line of the answer to a request with exactly this target."""

    def ask() -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            target_bytes = target.replace(" ", "%20").encode()
            line.sendall(
                b"GET " + target_bytes + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            return line.makefile("rb").readline()

    return await asyncio.to_thread(ask)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.gen_test
async def test_what_is_asked_for_writes_no_line_of_its_own(tmp_path: Path, form: str) -> None:
    await asyncio.to_thread(prepare, f"sqlite:///{tmp_path}/paywatch.db")
    async with service(tmp_path, LOG_FORMAT=form) as served:
        statuses = [await asked(served.port, attack) for attack in ATTACKS]
        assert all(b" 404 " in status or b" 403 " in status for status in statuses), statuses
        text = served.log.read_text("utf-8")
    lines = text.splitlines()
    assert lines
    assert "\x1b" not in text
    for line in lines:
        assert json.loads(line)["level"] if form == "json" else LINE.match(line), line
        assert "CRITICAL" not in line.split("forged")[0].split(": ")[0]
