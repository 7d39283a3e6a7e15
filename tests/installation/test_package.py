"""The wheel: it is whole, the same sources give the same bytes, it runs outside the checkout, and
it has one version number. The packages that it needs come from the environment of the tests, so
that no test needs an index."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from assembly.version import VERSION
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from tests.support.processes import Service
from tests.support.rig import PASSWORD, until
from tests.support.shell import ROOT, Shell, failed

pytestmark = pytest.mark.long

LEFT_OUT = (
    "tests", "bench", "docs", "findings", "requirements", "node_modules", "build", "dist", "data",
    "htmlcov", "*.egg-info", "__pycache__", ".*",
)  # fmt: skip
EPOCH = "1700000000"


# --- building ------------------------------------------------------------------------------------


def sources(folder: Path) -> Path:
    """A copy of everything that a wheel is made from."""
    copied = shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (copied / ".venv").symlink_to(sys.prefix)
    return copied


def make_wheel(folder: Path, umask: int = 0o022) -> subprocess.CompletedProcess[str]:
    """`make wheel`, with a set-up that has been done."""
    return subprocess.run(
        ["make", "--no-print-directory", "-o", "setup", "wheel"],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        umask=umask,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def built(folder: Path, umask: int = 0o022) -> Path:
    done = make_wheel(folder, umask)
    assert done.returncode == 0, done.stderr
    (wheel,) = (folder / "dist").iterdir()
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(sources(tmp_path_factory.mktemp("package") / "sources"))


def test_the_wheel_holds_every_file_of_the_product_and_no_other(wheel: Path) -> None:
    folder = wheel.parent.parent
    product = {
        path.relative_to(folder).as_posix()
        for path in [*folder.glob("*.py"), *folder.glob("[a-z]*/**/*")]
        if path.is_file() and not path.name.startswith(".")
    }
    product -= {name for name in product if name.split("/")[0] in ("build", "dist")}
    product -= {name for name in product if ".egg-info/" in name}
    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert held == product - {"setup.py", "static/build.mjs", "static/copy-vendor.mjs"}
    assert {"models/migrations/0001_initial.py", "static/vendor/preact.js"} <= held
    assert {"static/vendor/preact.LICENSE.txt", "static/built/manifest.json"} <= held


def test_the_same_sources_give_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    other = sources(tmp_path / "another" / "folder")
    for path in other.glob("[a-z]*/**/*"):
        if path.is_file():
            path.chmod(0o600)
            os.utime(path, (1_600_000_000, 1_600_000_000))
    again = built(other, umask=0o077)
    assert (again.name, again.read_bytes()) == (wheel.name, wheel.read_bytes())


def test_no_wheel_is_built_without_the_browser_files(tmp_path: Path) -> None:
    folder = sources(tmp_path / "sources")
    (script,) = folder.glob("static/built/main-*.js.br")
    for path in (folder / "static/vendor/htm.LICENSE.txt", script):
        text = path.read_bytes()
        path.unlink()
        done = make_wheel(folder)
        assert done.returncode != 0
        missing = path.relative_to(folder)
        assert f"Without {missing} there is no wheel: `make setup` makes them." in done.stderr
        assert list(folder.glob("dist/*")) == []
        path.write_bytes(text)


# --- running -------------------------------------------------------------------------------------


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """An environment with the wheel alone; other packages are found in that of the tests, which
    the checkout is not part of."""
    folder = tmp_path / "venv"
    venv.create(folder, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(folder)]
    install = ["install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([*pip, *install], check=True, timeout=PATIENCE_S)
    # No .pth file of that folder is read, so not the one that leads into the checkout.
    packages(folder).joinpath("packages.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def packages(environment: Path) -> Path:
    (found,) = environment.glob("lib/python*/site-packages")
    return found


def shell_of(environment: Path) -> Shell:
    return Shell(environment.parent, free_port(), (str(environment / "bin" / "paywatch"),))


def loaded(log: str) -> list[str]:
    """Every file of Python that the log of a process under PYTHONVERBOSE names."""
    return re.findall(r"/[^'\s]+\.py\b", log)


@pytest.mark.gen_test
async def test_the_wheel_serves_outside_the_checkout(installed: Path) -> None:
    shell = shell_of(installed)
    assert shell.process("--version") == (0, f"paywatch {VERSION}\n", "")
    assert "0001_initial" in shell.process("migrate")[1]
    user = ("create-user", "alice", "--role", "admin", "--password-stdin")
    assert shell.process(*user, stdin=PASSWORD.encode())[0] == 0
    service = Service(shell.folder)
    service.program = shell.program
    service.variables["PYTHONVERBOSE"] = "1"
    service.start()
    try:
        await until(service.is_ready)
        await look_at_the_console(service)
    finally:
        service.send(signal.SIGTERM)
        await service.ended()
        service.http.close()
    files = loaded(service.log.read_text())
    assert str(packages(installed) / "server.py") in files
    ours = [path for path in files if Path(path).is_relative_to(ROOT)]
    assert [path for path in ours if not Path(path).is_relative_to(sys.prefix)] == []


async def look_at_the_console(service: Service) -> None:
    """Sign in, and fetch the page with every file that it names."""
    signed = await service.sign_in("alice")
    found = await service.http.fetch(service.origin + "/", headers={"Cookie": signed.cookie})
    page = found.body.decode()
    assert f'data-version="{VERSION}"' in page
    names = re.findall(r'"(/static/[^"]+)"', page)
    assert {"main", "console", "zh"} <= {re.split(r"[/-]", name)[-2] for name in names}
    for name in names:
        assert (await service.http.fetch(service.origin + name)).body, name


def test_without_migrations_no_command_says_that_all_is_well(installed: Path) -> None:
    shell = shell_of(installed)
    for path in (packages(installed) / "models" / "migrations").glob("0*.py"):
        path.unlink()
    for command in ("migrate", "serve", "list-api-keys"):
        assert "holds no migrations" in failed(shell.process(command))
    status, out, _ = shell.process("check")
    assert status == 1
    assert "holds no migrations" in out


def test_without_the_browser_files_serve_names_the_command_that_makes_them(
    installed: Path,
) -> None:
    shell = shell_of(installed)
    static = packages(installed) / "static"
    (style,) = static.glob("built/console-*.css.gz")
    style.unlink()
    line = failed(shell.process("serve"))
    assert "`make setup`" in line
    assert f"static/built/{style.name}" in line
    shutil.rmtree(static / "built")
    line = failed(shell.process("serve"))
    assert "`make setup` makes static/built/manifest.json" in line


# --- the version ---------------------------------------------------------------------------------


def test_wheel_and_documents_have_the_version_of_the_program(wheel: Path) -> None:
    assert wheel.name == f"paywatch-{VERSION}-py3-none-any.whl"
    texts = [path.read_text("utf-8") for path in ROOT.glob("docs/*.md")]
    shown = {number for text in texts for number in re.findall(r'"version":"([^"]+)"', text)}
    assert shown == {VERSION}


def test_the_changelog_can_be_tagged() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    heads = re.findall(r"^## (.*)$", text, re.M)
    assert heads[0] == "[Unreleased]"
    versions = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)", h) for h in heads[1:]]
    assert all(versions), heads
    numbers = [tuple(map(int, found.groups()[:3])) for found in versions if found]
    assert ".".join(map(str, numbers[0])) == VERSION
    assert numbers == sorted(set(numbers), reverse=True)
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    for part in re.split(r"^## .*$", text, flags=re.M)[1:]:
        found = re.findall(r"^### (.*)$", part, re.M)
        assert set(found) <= kinds
        assert len(found) == len(set(found))
