"""The guide's commands as they are printed; tests/documents/machine.py tells the stand-ins."""

from __future__ import annotations

import os
import re

from tests.documents.blocks import DEPLOY, run_here
from tests.documents.machine import Machine, stand_in
from tests.documents.terminal import Terminal
from tests.support.rig import PASSWORD


def test_the_deployment_as_printed(machine):
    stand_in(machine)
    terminal = machine.terminal()
    settings = machine.folder / "etc/paywatch/paywatch.env"
    for block in run_here(DEPLOY):
        text = machine.filled(block)
        if block.place:
            machine.write(block)
        elif text.startswith("PAYWATCH_"):  # further lines of the settings
            with settings.open("a", encoding="utf-8") as file:
                file.write(text)
                file.writelines(f"{name}={v}\n" for name, v in machine.variables.items())
            machine.put_keys(text)
        elif "create-user" in text:
            terminal.run(text, PASSWORD, PASSWORD)
        elif text.startswith("curl -i"):
            assert "报文错误" in terminal.run(text)
        elif "before-upgrade" in text:
            upgrade_twice(machine, terminal, text)
        else:
            terminal.run(text)
    assert terminal.run("umask").strip().endswith("022")
    calls = machine.log.read_text()
    assert "systemctl enable --now paywatch\n" in calls
    assert "nginx -t\n" in calls
    folder = machine.folder / "etc/paywatch"
    assert folder.stat().st_mode & 0o7777 == 0o2750
    for name in ("api-v2-key", "metrics-token"):
        assert (folder / name).stat().st_mode & 0o777 == 0o640
    nightly_backup(machine, terminal)
    terminal.run(f"kill $(cat {machine.folder}/pid)")


def upgrade_twice(machine: Machine, terminal: Terminal, text: str) -> None:
    """Then once with a set-up that fails, which must not reach the restart."""
    backups = machine.folder / "var/backups/paywatch"
    for number in (1, 2):
        terminal.run(text)
        assert len(list(backups.iterdir())) == number
        terminal.run("sleep 1.1")  # the name has the second
    restarts = machine.log.read_text().count("restart")
    (machine.folder / "make-fails").touch()
    terminal.run(f"{text.rstrip()} || true")
    assert machine.log.read_text().count("restart") == restarts == 2


def nightly_backup(machine: Machine, terminal: Terminal) -> None:
    """What the unit starts, as systemd reads it, and the end of an old backup."""
    unit = (machine.folder / "etc/systemd/system/paywatch-backup.service").read_text()
    backups = machine.folder / "var/backups/paywatch"
    for old in backups.iterdir():
        os.utime(old, (0, 0))
    for line in re.findall("^ExecStart(?:Post)?=(.*)$", unit, re.M):
        command = line.replace("$$", "$").replace("%%", "%")
        settings = machine.folder / "etc/paywatch/paywatch.env"
        terminal.run(f"(set -a; . {settings}; {command})")
    assert len(list(backups.iterdir())) == 1
