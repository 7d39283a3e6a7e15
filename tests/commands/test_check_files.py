"""`paywatch check` on files: can the user of the service read the code, and can a backup read the
database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.checks.code_files import ANYBODY, Reader, code_finding, code_places
from services.checks.installation import CheckResult, Grade
from tests.support.databases import PostgreSQL, postgresql
from tests.support.shell import ROOT, Shell, failed

pytestmark = pytest.mark.one_database

GROUP = 4711
SERVICE = Reader("paywatch", os.geteuid() + 1, frozenset({GROUP}))
"""Another user than that of the tests."""


@pytest.fixture
def code() -> Iterator[Path]:
    """Two files in a folder of a folder, as `make setup` leaves them. Not below tmp_path, nor below
    TMPDIR, which nobody else may be able to enter."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as root:
        Path(root).chmod(0o755)
        folder = Path(root, "opt", "handlers")
        folder.mkdir(parents=True)
        for name in ("a.py", "b.py"):
            (folder / name).touch()
        for path in (folder, *folder.iterdir(), folder.parent):
            path.chmod(0o755)
        yield folder.parent


def finding(code: Path, reader: Reader) -> CheckResult:
    return code_finding(own_places(code), Path("/usr/bin/python3"), reader)


def own_places(code: Path) -> list[Path]:
    """Without the venv of these tests."""
    return [place for place in code_places(code) if place.is_relative_to(code)]


def test_code_that_everybody_may_read_is_fine(code):
    for reader in (SERVICE, ANYBODY):
        assert finding(code, reader).grade is Grade.OK


@pytest.mark.parametrize(("closed", "mode"), [("handlers/a.py", 0o640), ("handlers", 0o750)])
def test_what_a_strict_umask_left_behind_is_named_with_the_way_out(code, closed, mode):
    (code / closed).chmod(mode)
    found = finding(code, SERVICE)
    assert found.grade is Grade.FAILED
    assert f"cannot be read by paywatch: {code / closed}. " in found.words
    assert found.words.endswith(f"chmod -R a+rX {code / 'handlers'}")
    assert finding(code, ANYBODY).grade is Grade.WARNING
    ours = Reader("us", os.geteuid(), frozenset())
    assert finding(code, ours).grade is Grade.OK


def test_a_cache_that_a_command_of_root_left_is_no_code(code):
    (code / "handlers" / "__pycache__").mkdir(mode=0o700)
    assert finding(code, SERVICE).grade is Grade.OK


def test_the_group_of_a_file_counts(code):
    (code / "handlers" / "a.py").chmod(0o640)
    group = (code / "handlers" / "a.py").stat().st_gid
    members = Reader("paywatch", SERVICE.uid, frozenset({group}))
    assert finding(code, members).grade is Grade.OK


def test_secrets_in_the_checkout_are_not_named_and_not_opened(code):
    (code / "data").mkdir(mode=0o700)
    for name in ("shop.key", "paywatch.env", "data/paywatch.db"):
        (code / name).touch(mode=0o600)
    assert finding(code, SERVICE).grade is Grade.OK
    (code / "settings.py").touch(mode=0o600)
    (code / "handlers" / "a.py").chmod(0o640)
    assert finding(code, SERVICE).words.endswith(
        f"{code / 'handlers' / 'a.py'} (+1). "
        f"As root: chmod -R a+rX {code / 'handlers'} {code / 'settings.py'}"
    )


def test_code_below_a_closed_folder_is_told_without_opening_that_folder(code):
    code.chmod(0o700)
    found = finding(code, SERVICE)
    assert found.grade is Grade.FAILED
    assert f"{code} cannot be entered by paywatch" in found.words
    assert "chmod" not in found.words


def test_the_code_and_the_libraries_of_this_checkout_are_what_is_looked_at():
    *ours, venv = code_places(ROOT)
    packages = {path.parent for path in ROOT.glob("*/__init__.py")}
    beside = {ROOT / name for name in ("tests", "bench")}
    pages = {ROOT / "static", ROOT / "templates"}
    assert set(ours) == packages - beside | pages | set(ROOT.glob("*.py"))
    assert (venv / "bin" / "paywatch").is_file()


GRANTS = """
    GRANT USAGE ON SCHEMA public TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
"""


@contextmanager
def smaller_role(server: PostgreSQL, url: str) -> Iterator[str]:
    server.execute("CREATE ROLE smaller_role LOGIN", url)
    try:
        yield "smaller_role"
    finally:
        server.execute("DROP OWNED BY smaller_role; DROP ROLE smaller_role", url)


def test_a_role_that_may_not_read_a_sequence_is_told_before_the_night_of_the_backup(
    tmp_path, monkeypatch
):
    server = postgresql()
    monkeypatch.setenv("PATH", f"{server.programs}:{os.environ['PATH']}")
    shell = Shell(tmp_path, 1)
    with server.database() as url, smaller_role(server, url) as role:
        server.execute(GRANTS.format(role=role), url)
        ours = {"PAYWATCH_DATABASE_URL": url.replace("//postgres:", f"//{role}:")}
        told = shell.command("check", **ours)[1]
        assert "failed   backup      `paywatch backup` may not read" in told
        assert "sequence" in failed(shell.command("backup", "copy", **ours))
        server.execute(f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}", url)
        assert "ok       backup" in shell.command("check", **ours)[1]
        assert shell.command("backup", "copy", **ours)[0] == 0
