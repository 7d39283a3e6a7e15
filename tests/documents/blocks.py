"""The blocks of commands in the documents, and those of them that are not run in order."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.M | re.S)
PLACE = re.compile(r"# (/\S+?|[\w-]+\.env):?(?:\s.*)?")
"""The comment that begins a block which is the content of a file."""

README, DEPLOY = "README.md", "docs/deploy.md"
NO_NGINX = "nginx is no dependency of the tests"
ELSEWHERE = {
    "make run     # set-up,": "the two commands of a whole machine, which make check-bare runs",
    "map $http_upgrade": NO_NGINX,
    "# /etc/nginx/conf.d/paywatch.conf": NO_NGINX,
    "# /etc/systemd/system/paywatch-backup.timer": "it needs systemd's clock",
}
"""The beginnings of the blocks that are not run here, and why."""
IN_SERVERS = (
    "sudo -u postgres psql",
    "GRANT USAGE ON SCHEMA public",
    "CREATE DATABASE paywatch CHARACTER SET utf8mb4",
    "# /etc/redis/redis.conf",
)
"""The beginnings of the blocks for another database or Redis: tests/documents/test_servers.py."""


@dataclass(frozen=True)
class Block:
    document: str
    language: str
    text: str

    @property
    def head(self) -> str:
        """Its first line, which is its name in a document."""
        return self.text.splitlines()[0]

    @property
    def place(self) -> str:
        """The path of the file whose content this is, or ''."""
        lines = self.text.splitlines()
        for line in lines[: 2 if lines[0].startswith("#!") else 1]:
            if found := PLACE.fullmatch(line):
                return found[1]
        return ""

    def filled(self, values: Mapping[str, str]) -> Block:
        """With these values in the place of what every reader has another for."""
        text = self.text
        for printed, value in values.items():
            text = text.replace(printed, value)
        return Block(self.document, self.language, text)


def blocks(document: str) -> Iterator[Block]:
    for _, language, text in BLOCK.findall((ROOT / document).read_text("utf-8")):
        yield Block(document, language, textwrap.dedent(text))


def run_here(document: str) -> list[Block]:
    """The blocks of a document that no table names."""
    beginnings = (*ELSEWHERE, *IN_SERVERS)
    return [block for block in blocks(document) if not block.text.startswith(beginnings)]
