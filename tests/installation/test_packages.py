"""What of Debian's packages the set-up asks for, on machines that lack some. A machine is a folder
of programs, which is all of PATH; `apt-get` and `id` in it are stand-ins."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "requirements" / "packages.sh"
LINE = "Packages are missing. On Debian, as root: apt install"
FOR_TESTS = (
    "libatomic1 curl openssl chromium-headless-shell fontconfig fonts-noto-cjk mariadb-server"
)


def program(machine: Path, name: str, script: str) -> None:
    (machine / name).write_text(f"#!/bin/sh\n{script}\n")
    (machine / name).chmod(0o755)


@pytest.fixture
def machine(tmp_path) -> Path:
    """A shell, make and an account that is not root's; `python3` has neither ensurepip nor any
    library."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "grep"):
        (folder / name).symlink_to(shutil.which(name) or "")
    program(folder, "make", "exit 0")
    program(folder, "id", "echo 1000")
    program(folder, "python3", "exit 1")
    return folder


def ask(machine: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """In an empty folder, so that no .venv is there yet. The programs of /usr/sbin are the
    machine's own: the tests take none of them for granted."""
    text = SCRIPT.read_text("utf-8").replace(":/usr/sbin:/sbin", "")
    command = [str(machine / "sh"), "-c", text, "packages.sh", *arguments]
    return subprocess.run(
        command,
        cwd=machine.parent,
        env={"PATH": str(machine), **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_root_one_line_names_all_that_the_tests_lack(machine):
    done = ask(machine, "test")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{LINE} python3-venv {FOR_TESTS}\n"


def test_the_set_up_alone_asks_for_python_and_make_only(machine):
    (machine / "make").unlink()
    assert ask(machine).stderr == f"{LINE} make python3-venv\n"


def test_another_python_is_asked_for_by_its_own_name(machine):
    shutil.copy(machine / "python3", machine / "python3.13")
    assert ask(machine, PYTHON="python3.13").stderr == f"{LINE} python3.13-venv\n"


def test_what_is_there_is_not_asked_for(machine):
    program(machine, "python3", "exit 0")
    for name in ("curl", "openssl", "chromium", "mariadbd"):
        program(machine, name, "exit 0")
    program(machine, "fc-list", "echo NotoSansCJK")
    assert ask(machine, "test").returncode == 0
    program(machine, "fc-list", "exit 0")
    assert ask(machine, "test").stderr == f"{LINE} fontconfig fonts-noto-cjk\n"


def test_root_gets_all_in_one_install(machine):
    program(machine, "id", "echo 0")
    program(machine, "chromium", "exit 0")  # the slower one
    program(machine, "apt-get", f'echo "$*" >> {machine}/log')
    done = ask(machine, "test")
    assert done.returncode == 0, done.stderr
    installs = (machine / "log").read_text().splitlines()
    assert installs == [
        "update -qq",
        f"install -qq --no-install-recommends python3-venv {FOR_TESTS}",
    ]


@pytest.mark.parametrize(
    ("version", "is_taken"),
    [
        ("v18.20.4", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.12.0", False),
        ("v22.13.1", True),
        ("v23.11.0", False),
        ("v24.0.0", True),
        ("v26.1.0", True),
        ("", False),
    ],
)
def test_a_node_that_the_linter_does_not_run_in_is_not_taken(machine, version, is_taken):
    assert json.loads((ROOT / "package.json").read_text("utf-8"))["engines"]["node"] == (
        "^20.19.0 || ^22.13.0 || >=24"
    )
    program(machine, "npm", "exit 0")
    program(machine, "node", f"echo {version}" if version else "exit 1")
    assert has_node(machine) is is_taken


def test_a_node_without_npm_is_not_taken(machine):
    program(machine, "node", "echo v24.0.0")
    assert not has_node(machine)


def has_node(machine: Path) -> bool:
    script = ROOT / "requirements" / "has-node.sh"
    command = [str(machine / "sh"), str(script)]
    return subprocess.run(command, env={"PATH": str(machine)}, check=False).returncode == 0


def test_make_asks_for_the_packages_before_anything_else():
    # Not as a part of the make that runs the tests, which would say where it is first.
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("MAKE", "MFLAGS"))}
    for target in ("test", "setup", "run"):
        plan = subprocess.run(
            ["make", "-n", target],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "requirements/packages.sh" in plan.stdout.splitlines()[0]


def test_the_bare_machine_is_made_by_root_only(machine):
    for name in ("env", "bash", "dirname"):
        (machine / name).symlink_to(shutil.which(name) or "")
    done = subprocess.run(
        [ROOT / ".ci" / "bare"],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("check-bare needs root and debootstrap")
