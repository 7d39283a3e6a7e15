"""The commands as a person runs them: what they print, and how they end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.error import URLError

import pytest

import server
from commands import cli
from tests.support.patience import PATIENCE_S
from tests.support.shell import ROOT, failed

pytestmark = pytest.mark.one_database


def test_a_product_is_made_and_then_changed(shell):
    assert shell.command("add-product", "book", "练习手册", "6800")[0] == 0
    assert shell.command("add-product", "book", "新版手册", "6900")[0] == 0
    rows = shell.rows("select id, title, price_fen, active from products")
    assert rows == [("book", "新版手册", 6900, 1)]
    told = shell.rows('select "by", action, subject from audit order by seq')
    assert told == [
        ("command line", "product.created", "book"),
        ("command line", "product.changed", "book"),
    ]


@pytest.mark.parametrize(
    "arguments",
    [("book", "t", "0"), ("book", "t", "9" * 5000), ("b k", "t", "1"), ("book", "\n", "1")],
)
def test_an_odd_product_is_refused(shell, arguments):
    failed(shell.command("add-product", *arguments))


def test_migrating_twice_is_fine(shell):
    first, second = shell.process("migrate"), shell.command("migrate")
    assert (first[0], second[0], first[2], second[2]) == (0, 0, "", "")
    assert "0001" in first[1]
    assert "up to date" in second[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("nosuch",),
        ("create-user", "bob"),
        ("create-user", "bob", "--role", "root"),
        ("add-product", "book"),
        ("serve", "--port", "80"),
    ],
)
def test_bad_usage_ends_with_2(shell, arguments):
    status, out, err = shell.command(*arguments)
    assert (status, out) == (2, "")
    assert "usage: paywatch" in err
    assert list(shell.folder.iterdir()) == []


@pytest.mark.parametrize("command", ["check", "list-api-keys", "migrate"])
def test_a_reader_that_leaves_ends_a_command_without_a_traceback(shell, command):
    """As in `paywatch check | head -1`."""
    shell.command("create-api-key", "shop")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        done = subprocess.run(
            [*shell.program, command],
            cwd=shell.folder,
            env=shell.environment(),
            stdout=nobody,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_S,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_pipe_that_breaks_elsewhere_is_not_taken_for_the_reader_that_left(monkeypatch, tmp_path):
    """Standard output is a file, which has no reader that could leave."""

    def breaks(given):
        raise BrokenPipeError

    monkeypatch.setattr(cli, "run", breaks)
    monkeypatch.setattr(sys, "argv", ["paywatch", "list-api-keys"])
    monkeypatch.setattr(os, "umask", lambda mode: mode)
    with (tmp_path / "output").open("w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        with pytest.raises(BrokenPipeError):
            server.main()


def test_serve_names_the_setting_that_is_missing_or_odd(shell):
    for name in ("APP_ID", "MCH_ID", "API_V2_KEY"):
        line = failed(shell.command("serve", **{f"PAYWATCH_WECHAT_{name}": ""}))
        assert f"PAYWATCH_WECHAT_{name}" in line
    line = failed(shell.command(PAYWATCH_WECHAT_API_V2_KEY="a-secret-that-is-too-short"))
    assert "PAYWATCH_WECHAT_API_V2_KEY" in line
    assert "secret" not in line


def test_an_unmigrated_database_is_said_so_and_left_alone(shell):
    shell.rows("create table other (id integer)")
    for arguments in (("serve",), (), ("create-api-key", "shop")):
        assert "paywatch migrate" in failed(shell.command(*arguments))
    assert shell.rows("select name from sqlite_master") == [("other",)]


def test_a_database_that_cannot_be_opened_is_one_line(shell):
    (shell.folder / "folder").mkdir()
    (shell.folder / "noise.db").write_bytes(b"this is no database" * 100)
    for command, url in (
        ("migrate", "sqlite:///folder"),
        ("serve", "sqlite:///noise.db"),
        ("create-api-key", "sqlite:///noise.db/x.db"),
        ("serve", "postgresql://paywatch:hunter2@127.0.0.1:1/d"),
    ):
        more = ["shop"] if command == "create-api-key" else []
        line = failed(shell.command(command, *more, PAYWATCH_DATABASE_URL=url))
        assert "PAYWATCH_DATABASE_URL" in line
        assert "hunter2" not in line


def test_a_port_that_is_taken_is_one_line(shell):
    with socket.socket() as other:
        other.bind(("127.0.0.1", shell.port))
        other.listen()
        assert str(shell.port) in failed(shell.command("serve"))


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(json.load(answer)["ready"])
    except URLError:
        return False


def test_serve_sets_up_an_empty_file_serves_and_ends_in_order(shell):
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "server.py")],
        cwd=shell.folder,
        env=shell.environment(),
        stderr=subprocess.PIPE,
    )
    try:
        end = time.monotonic() + PATIENCE_S
        while not ready(shell.port):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 0
    assert b"Traceback" not in err
    assert shell.rows("select seq from event_head") == [(0,)]
