"""A folder that stands for a machine on which the documents are followed, and its simulated WeChat.

Names that every reader has others for get values: the address, the paths (below the folder),
passwords, `<...>`, the ids of the WeChat account. Stand-ins do the work of what needs root or a
whole machine, and note how they were called: `apt`, `adduser`, `git`, `make`, `nginx`, `systemctl`
(which starts what the unit says, without systemd's sandbox), `sudo` (the same user, and as in
reality none of the caller's variables), `install` (without owner and group) and the editor. All
else is real: the shell, curl, openssl, the product, the simulator, psql, MariaDB, the Redis.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import URLError

from tests.documents.blocks import ROOT, Block
from tests.documents.terminal import Terminal
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from tests.support.rig import KEY, MCH_ID

SECRET = "abcdef0123456789"
"""The password of each server, which the documents call <password>."""
OF_KEYS = {
    "API_V2_KEY": "api_v2_key",
    "API_V3_KEY": "api_v3_key",
    "MERCHANT_KEY": "apiclient_key.pem",
    "CLIENT_CERT": "apiclient_cert.pem",
    "PUBLIC_KEY": "wechat_public_key.pem",
    "MERCHANT_SERIAL": "merchant_serial",
    "PUBLIC_KEY_ID": "wechat_public_key_id",
}
"""Which file of the simulator's keys holds the value of a setting."""


def until(is_so: Callable[[], bool]) -> None:
    bound = time.monotonic() + 2 * PATIENCE_S
    while not is_so():
        assert time.monotonic() < bound
        time.sleep(0.05)


def fetch(address: str, body: bytes | None = None, **headers: str) -> HTTPResponse:
    request = urllib.request.Request(address, body, headers)  # noqa: S310 - our own servers
    found: HTTPResponse = urllib.request.urlopen(request, timeout=PATIENCE_S)  # noqa: S310
    return found


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class WeChat:
    """The simulator as a process, with an account on both interfaces."""

    def __init__(self, folder: Path, shop: str) -> None:
        self.keys, self.port = folder / "keys", free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "simulator", "--listen", f"127.0.0.1:{self.port}"]
        account = {"APP_ID": "wx0123456789abcdef", "MCH_ID": MCH_ID, "API_V2_KEY": KEY}
        self.process = subprocess.Popen(
            [*command, "--notify-origin", shop, "--keys", str(self.keys)],
            env={**os.environ, **{f"PAYWATCH_WECHAT_{name}": v for name, v in account.items()}},
            stderr=subprocess.DEVNULL,
        )
        until(lambda: listens(self.port))
        (self.keys / "api_v2_key").write_text(KEY)

    def key(self, setting: str) -> str:
        return (self.keys / OF_KEYS[setting]).read_text("utf-8").strip()

    def pay(self, order_num: str) -> None:
        """As the buyer does on the page of the order."""
        with fetch(f"{self.origin}/pay/by-order/{order_num}") as page:
            fetch(page.url, b"").close()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


class Machine:
    """A folder that stands for a machine: its paths, its address, its variables, its WeChat."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.wechat = WeChat(folder, self.origin)
        self.programs = folder / "programs"
        self.log = folder / "calls"
        self.values = {
            "https://pay.example.com": self.origin,
            "http://127.0.0.1:8000": self.origin,
            "5157F09EFDC096DE15EBE81A47057A7232F1B8E1": self.wechat.key("MERCHANT_SERIAL"),
            "PUB_KEY_ID_0119000001092025010200000000000001": self.wechat.key("PUBLIC_KEY_ID"),
            "<password>": SECRET,
            "<your address of the repository>": str(ROOT),
        }
        self._terminals: list[Terminal] = []

    @property
    def variables(self) -> dict[str, str]:
        """Where this machine differs from a real one."""
        return {
            "PAYWATCH_LISTEN": f"127.0.0.1:{self.port}",
            "PAYWATCH_WECHAT_BASE_URL": self.wechat.origin,
        }

    def filled(self, block: Block) -> str:
        """The paths too: what is in /etc, /opt, /usr/local and /var lies below the folder."""
        text = block.filled(self.values).text
        return re.sub(r"(?<![\w.])/(?=(?:etc|opt|usr/local|var)/)", f"{self.folder}/", text)

    def write(self, block: Block) -> None:
        """A block that is the content of a file."""
        place = block.place
        path = self.folder / place.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.filled(block), "utf-8")

    def put_keys(self, text: str) -> None:
        """Write the files that the settings name."""
        for name, path in re.findall(r"^PAYWATCH_WECHAT_(\w+)_FILE=(.*)$", text, re.M):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(self.wechat.key(name))

    def terminal(self, **more: str) -> Terminal:
        plain = {n: v for n, v in os.environ.items() if not n.startswith("PAYWATCH_")}
        path = f"{self.programs}:{self.folder}/usr/local/bin:{plain['PATH']}"
        given = {**plain, "PYTHONIOENCODING": "utf-8", **more, "PATH": path}
        self._terminals.append(Terminal(self.folder, given))
        return self._terminals[-1]

    def close(self) -> None:
        for terminal in self._terminals:
            terminal.close()
        self.wechat.close()

    def is_ready(self) -> bool:
        try:
            fetch(f"{self.origin}/readyz").close()
        except URLError:
            return False
        return True


STAND_INS = {
    "apt": "",
    "adduser": "",
    "nginx": "",
    "make": '[ ! -e "$HERE/make-fails" ]',
    "git": '[ "$1" != clone ] || { mkdir -p "$3" && ln -s "$2/.venv" "$3/.venv"; }',
    "editor": 'cat "$HERE/keys/api_v2_key" > "$1"',
    "sudo": 'shift 2; exec env -i PATH="$PATH" PGHOST="$PGHOST" PGUSER="$PGUSER" "$@"',
    "install": """
        for word in "$@"; do
            shift
            case "$word" in
                -g | -o) skip=1 ;;
                *) [ -n "${skip:-}" ] || set -- "$@" "$word"; skip= ;;
            esac
        done
        exec /usr/bin/install "$@"
    """,
    "systemctl": """
        unit=$HERE/etc/systemd/system/paywatch.service
        of() { sed -n "s/^$1=//p" "$unit"; }
        # What nobody waits for stays as a zombie, which a signal still reaches.
        ended() { ! kill -0 "$pid" 2>/dev/null || grep -qs '^State:.Z' "/proc/$pid/status"; }
        port_is_free() { curl -s "http://$PAYWATCH_LISTEN/" > /dev/null; [ $? = 7 ]; }
        ready() { ended || curl -sf "http://$PAYWATCH_LISTEN/readyz" > /dev/null; }
        wait_until() {
            tries=1200  # two minutes
            until "$1"; do
                [ $((tries -= 1)) -gt 0 ] || { echo "systemctl: not $1" >&2; exit 1; }
                sleep 0.1
            done
        }
        case "$*" in
            "enable --now paywatch" | "restart paywatch")
                set -a; . "$(of EnvironmentFile)"; set +a
                if [ -e "$HERE/pid" ]; then
                    pid=$(cat "$HERE/pid")
                    kill "$pid"
                    wait_until ended
                    wait_until port_is_free
                fi
                cd "$(of WorkingDirectory)"
                $(of ExecStart) >> "$HERE/log" 2>&1 &
                pid=$!
                echo "$pid" > "$HERE/pid"
                wait_until ready
                ! ended ;;
        esac
    """,
}
"""What each does beside noting its arguments."""


def stand_in(machine: Machine) -> None:
    machine.programs.mkdir()
    for name, script in STAND_INS.items():
        path = machine.programs / name
        notes = f'HERE={machine.folder}; echo "{name} $*" >> "$HERE/calls"'
        path.write_text(f"#!/bin/sh\n{notes}\n{script}\n")
        path.chmod(0o755)
