"""`paywatch check`: what it asks, what it calls a failure, and that it tells no secret."""

from __future__ import annotations

import asyncio
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from redis.exceptions import AuthenticationError

from services.checks.installation import Grade, redis_finding
from tests.support.ports import free_port
from tests.support.rig import KEY, PASSWORD, product
from tests.support.shell import Shell

pytestmark = pytest.mark.one_database

QUESTIONS = {
    "settings",
    "code",
    "database",
    "safety",
    "migrations",
    "writing",
    "users",
    "api keys",
    "products",
    "backup",
    "redis",
    "domain",
    "clock",
    "notify",
    "account",
}


def findings(out: str) -> list[tuple[str, str, str]]:
    """Health, question and words of every line."""
    return [(line[:8].strip(), line[9:20].strip(), line[21:]) for line in out.splitlines()]


def about(result: tuple[int, str, str], question: str) -> tuple[str, str]:
    """The one finding on a question."""
    ((health, words),) = [(h, w) for h, q, w in findings(result[1]) if q == question]
    return health, words


@dataclass
class Somebody:
    """An HTTP server that answers everything in one way."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"<h1>Please sign in</h1>"

    @contextmanager
    def serving(self, certificate: Path | None = None) -> Iterator[str]:
        given = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.send_response_only(given.status)
                for name, value in given.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(given.body)))
                self.end_headers()
                self.wfile.write(given.body)

            do_GET = do_POST = answer  # noqa: N815 - the names that http.server looks for

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            if certificate:
                tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                tls.load_cert_chain(certificate)
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            thread = Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()


def self_signed(folder: Path) -> Path:
    """A certificate with its key that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return file


@pytest.mark.gen_test
async def test_a_sound_installation_passes_every_check(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        await shop.user("alice")
        shell = Shell(tmp_path, int(shop.origin.rpartition(":")[2]))
        (tmp_path / "paywatch.db").chmod(0o600)
        for beside in tmp_path.glob("paywatch.db-*"):
            beside.chmod(0o600)
        more = {"PAYWATCH_MODE": "simulation"}
        more["PAYWATCH_WECHAT_BASE_URL"] = shop.settings.wechat_base_url
        status, out, err = await asyncio.to_thread(lambda: shell.command("check", **more))
        assert (status, err) == (0, "")
        assert {question for _, question, _ in findings(out)} == QUESTIONS
        # Where this checkout lies decides about `code`; test_check_files.py is of it.
        assert {health for health, question, _ in findings(out) if question != "code"} == {"ok"}, (
            out
        )


def test_what_is_only_not_yet_there_is_a_warning_and_says_how_to_make_it(shell):
    shell.command("migrate")
    result = shell.command("check")
    assert (result[0], result[2]) == (0, "")
    for question, command in (
        ("users", "create-user"),
        ("api keys", "create-api-key"),
        ("products", "add-product"),
    ):
        health, words = about(result, question)
        assert health == "warning"
        assert command in words


def test_every_odd_setting_is_named_and_no_secret_is_shown(shell):
    status, out, err = shell.command(
        "check",
        PAYWATCH_WECHAT_API_V2_KEY="too-short-a-secret",
        PAYWATCH_WECHAT_APP_ID="",
        PAYWATCH_LISTEN="nowhere",
        PAYWATCH_TRUSTED_PROXIES_FILE="/does/not/exist",
        PAYWATCH_MODE="test",
    )
    odd = {words.split(":")[0] for health, question, words in findings(out) if health == "failed"}
    assert odd >= {
        "PAYWATCH_WECHAT_API_V2_KEY",
        "PAYWATCH_WECHAT_APP_ID",
        "PAYWATCH_LISTEN",
        "PAYWATCH_TRUSTED_PROXIES_FILE",
        "PAYWATCH_MODE",
    }
    assert (status, err) == (1, f"paywatch: {len(odd)} checks failed.\n")
    assert "secret" not in out


def test_a_variable_that_nobody_reads_is_a_warning(shell):
    shell.command("migrate")
    status, out, _ = shell.command("check", PAYWATCH_REDDIS_URL="redis://:hunter2@127.0.0.1")
    warnings = [
        words for health, q, words in findings(out) if (health, q) == ("warning", "settings")
    ]
    assert status == 0
    assert ["PAYWATCH_REDDIS_URL" in words for words in warnings] == [True]
    assert "hunter2" not in out


def test_a_check_changes_nothing_and_makes_no_database(shell):
    result = shell.command("check")
    assert result[2] == "paywatch: 1 check failed.\n"
    assert "paywatch migrate" in about(result, "database")[1]
    assert not (shell.folder / "paywatch.db").exists()


def test_a_database_that_needs_migrations_fails(shell):
    shell.rows("create table other (id integer)")
    (shell.folder / "paywatch.db").chmod(0o600)
    result = shell.command("check")
    health, words = about(result, "migrations")
    assert (result[0], health) == (1, "failed")
    assert "paywatch migrate" in words
    assert shell.rows("select name from sqlite_master") == [("other",)]


def test_a_database_that_others_may_read_fails_and_says_the_cure(shell):
    shell.command("migrate")
    (shell.folder / "paywatch.db").chmod(0o640)
    result = shell.command("check")
    assert result[0] == 1
    health, words = about(result, "safety")
    assert health == "failed"
    assert "chmod 600" in words


def test_a_damaged_database_fails(shell):
    shell.command("migrate")
    file = shell.folder / "paywatch.db"
    ((root,),) = shell.rows("select rootpage from sqlite_master where name = 'products'")
    content = bytearray(file.read_bytes())
    page = len(content) // shell.rows("pragma page_count")[0][0]
    content[(root - 1) * page : root * page] = b"\xff" * page
    file.write_bytes(content)
    result = shell.command("check")
    assert result[0] == 1
    assert "damaged" in about(result, "database")[1]


def test_a_database_that_takes_no_write_fails_with_the_reason(shell):
    shell.command("migrate")
    with closing(sqlite3.connect(shell.folder / "paywatch.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        result = shell.command("check")
    health, words = about(result, "writing")
    assert (result[0], health) == (1, "failed")
    assert "locked" in words


def test_a_database_that_cannot_be_reached_fails_without_its_password(shell):
    for url in (
        "postgresql://paywatch:hunter2@127.0.0.1:1/d",
        "mysql://paywatch:hunter2@127.0.0.1:1/d",
        "postgresql://paywatch:hunter2/3@127.0.0.1:1/d",
    ):
        result = shell.command("check", PAYWATCH_DATABASE_URL=url)
        assert (result[0], about(result, "database")[0]) == (1, "failed")
        assert "hunter2" not in result[1] + result[2]


# --- what is asked over the network --------------------------------------------------------------


def test_redis_away_fails(shell):
    shell.command("migrate")
    url = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    result = shell.command("check", PAYWATCH_REDIS_URL=url)
    assert (result[0], about(result, "redis")[0]) == (1, "failed")
    assert "hunter2" not in result[1]


class AnswersPing:
    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.closed = error, False

    async def ping(self) -> bool:
        if self.error:
            raise self.error
        return True

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("url", "health"),
    [
        ("redis://127.0.0.1:6379/0", Grade.OK),
        ("redis://localhost/0", Grade.OK),
        ("redis://10.0.0.5:6379/0", Grade.WARNING),
        ("redis://cache/0", Grade.WARNING),
        ("redis://:secret@10.0.0.5:6379/0", Grade.OK),
    ],
)
@pytest.mark.gen_test
async def test_redis_without_a_password_is_for_this_machine_alone(url, health):
    client = AnswersPing()
    assert (await redis_finding(client, url)).grade is health
    assert client.closed


@pytest.mark.gen_test
async def test_a_redis_that_refuses_us_fails():
    client = AnswersPing(AuthenticationError("invalid username-password pair"))
    assert (await redis_finding(client, "redis://:secret@cache/0")).grade is Grade.FAILED
    assert client.closed


@pytest.mark.parametrize(
    ("date", "health"),
    [(0, "ok"), (-3600, "failed"), (3600, "failed"), ("soon", "warning"), (None, "warning")],
)
def test_the_clock_is_compared_with_wechats(shell, date, health):
    shell.command("migrate")
    if isinstance(date, int):  # seconds from now
        date = formatdate(time() + date, usegmt=True)
    headers = {"Date": date} if date else {}
    with Somebody(404, headers).serving() as origin:
        result = shell.command("check", PAYWATCH_WECHAT_BASE_URL=origin)
    assert about(result, "clock")[0] == health
    assert about(result, "account")[0] == "failed"  # it answers, and not as WeChat does


def test_what_is_not_reached_from_here_is_a_warning_with_the_reason(shell):
    shell.command("migrate")
    result = shell.command("check")
    assert result[0] == 0
    for question in ("clock", "notify", "account"):
        health, words = about(result, question)
        assert health == "warning"
        assert "connect" in words or "not reached" in words


@pytest.mark.parametrize(
    ("somebody", "words"),
    [
        (Somebody(200), "something else"),
        (Somebody(404), "something else"),
        (Somebody(301, {"Location": "https://pay.example.com/"}), "redirect"),
        (Somebody(502), "does not reach Paywatch"),
    ],
)
def test_a_notify_address_that_leads_elsewhere_fails(shell, somebody, words):
    shell.command("migrate")
    with somebody.serving() as origin:
        result = shell.command("check", PAYWATCH_PUBLIC_ORIGIN=origin)
    assert (result[0], about(result, "notify")[0]) == (1, "failed")
    assert words in about(result, "notify")[1]


def test_a_notify_address_with_a_certificate_that_nobody_trusts_fails(shell, tmp_path):
    shell.command("migrate")
    with Somebody().serving(self_signed(tmp_path)) as origin:
        result = shell.command("check", PAYWATCH_PUBLIC_ORIGIN=origin)
    assert (result[0], about(result, "notify")[0]) == (1, "failed")
    assert "certificate" in about(result, "notify")[1]


def test_passwords_are_never_on_the_screen(shell):
    make = ("create-user", "alice", "--role", "admin", "--password-stdin")
    shell.command(*make, stdin=PASSWORD.encode())
    _, out, err = shell.command("check")
    assert not any(secret in out + err for secret in (KEY, PASSWORD))


def test_play_money_in_production_is_told(shell):
    shell.command("migrate")
    result = shell.command("check", PAYWATCH_WECHAT_BASE_URL="http://127.0.0.1:1")
    health, words = about(result, "wechat")
    assert (health, "no payment is real" in words) == ("warning", True)
    played = shell.command(
        "check", PAYWATCH_WECHAT_BASE_URL="http://127.0.0.1:1", PAYWATCH_MODE="simulation"
    )
    assert "no payment is real" not in played[1]
