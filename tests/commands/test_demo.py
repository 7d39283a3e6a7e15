"""`paywatch demo`, as `make run` starts it."""

from __future__ import annotations

import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.shell import Shell

pytestmark = pytest.mark.one_database


def serves(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:  # noqa: S310
            return answer.status == 200
    except URLError:
        return False


def log_until_it_serves(shell: Shell) -> list[str]:
    """Start the demo, read its first page, stop it as Ctrl+C does; the lines of its log."""
    environment = {name: v for name, v in shell.environment().items() if "PAYWATCH_" not in name}
    environment["PAYWATCH_LISTEN"] = f"127.0.0.1:{shell.port}"
    log = Path(shell.folder, "log")
    with log.open("wb") as output:
        demo = subprocess.Popen(
            [*shell.program, "demo"],
            cwd=shell.folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
    bound = time.monotonic() + PATIENCE_S
    try:
        while demo.poll() is None and not serves(f"http://127.0.0.1:{shell.port}/"):
            assert time.monotonic() < bound, log.read_text()
            time.sleep(0.1)
        while "listens on" not in log.read_text():
            assert time.monotonic() < bound, log.read_text()
            time.sleep(0.1)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(PATIENCE_S)
    return log.read_text().splitlines()


def test_the_simulated_wechat_listens_before_paywatch_asks_it(shell):
    lines = log_until_it_serves(shell)
    starts = [n for n, line in enumerate(lines) if "simulator: listening on" in line]
    assert starts, lines
    assert starts[0] < next(n for n, line in enumerate(lines) if "paywatch: Paywatch" in line)
    odd = ("WARNING", "ERROR", "not to be had", "Traceback")
    assert [line for line in lines if any(word in line for word in odd)] == []
