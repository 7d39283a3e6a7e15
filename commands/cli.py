"""The command line: its words, and who does what they say."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from commands import admin, bill, keys, match_bill, users, verify
from commands.backup import run_backup
from commands.check import run_check
from commands.demo import run_demo
from commands.reconcile import run_reconcile
from commands.serve import run_serve
from models.user import Role
from settings import read, read_database_url

ANCHOR = re.compile(r"([1-9][0-9]{0,14}):([0-9a-f]{64})", re.ASCII)


def parser(version: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """`version` knows `--version`, which needs nothing of what is imported here."""
    words = "Self-hosted WeChat Pay."
    found = argparse.ArgumentParser(prog=version.prog, description=words, parents=[version])
    commands = found.add_subparsers(dest="command", metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve (the default)")
    for name in ("--listen-fd", "--tether-fd"):  # for our own processes, see commands/supervise.py
        serve.add_argument(name, type=int, help=argparse.SUPPRESS)
    commands.add_parser("demo", help="serve beside a simulated WeChat with traffic")
    commands.add_parser("migrate", help="bring the database up to date")
    user = commands.add_parser("create-user", help="make a console user")
    user.add_argument("--role", required=True, choices=[role.value for role in Role])
    reset = commands.add_parser("reset-password", help="a new password; ends the user's sessions")
    for command in (user, reset):
        command.add_argument("name", metavar="NAME")
        command.add_argument("--password-stdin", action="store_true", help="read it from stdin")
    words = "and switch off a second factor that was lost"
    reset.add_argument("--remove-totp", action="store_true", help=words)
    keys.add_arguments(
        commands.add_parser("create-api-key", help="make a key for the merchant's own server")
    )
    commands.add_parser("list-api-keys", help="names and states of the API keys")
    revoke = commands.add_parser("revoke-api-key", help="make an API key open nothing")
    revoke.add_argument("name", metavar="NAME")
    product = commands.add_parser("add-product", help="make or change a product")
    for name in ("ID", "TITLE", "PRICE_FEN"):
        product.add_argument(name.lower(), metavar=name)
    reconcile = commands.add_parser("reconcile", help="ask WeChat about everything that is open")
    reconcile.add_argument("--once", action="store_true", required=True, help="one pass, then end")
    bill.add_arguments(commands.add_parser("bill", help="match a day with WeChat's bill, now"))
    chains = (
        commands.add_parser("verify-audit", help="find out whether the audit log is whole"),
        commands.add_parser("verify-events", help="find out whether the stream of events is whole"),
    )
    for command in chains:
        words = "NUMBER:HASH of a log line of the service"
        command.add_argument("--anchor", type=_anchor, help=words)
    commands.add_parser("check", help="look at everything that a payment needs, in words")
    match_bill.add_arguments(commands.add_parser("match-bill"))  # without help: not for people
    backup = commands.add_parser("backup", help="copy the database, also while it serves")
    backup.add_argument("file", metavar="FILE", type=Path)
    return found


def _anchor(text: str) -> tuple[int, str]:
    found = ANCHOR.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError("an anchor is NUMBER:HASH, as in the log line.")
    return int(found[1]), found[2]


def run(given: argparse.Namespace) -> None:
    """Raises CommandError and SettingError."""
    match given.command:
        case None | "serve":
            more = vars(given)
            run_serve(read(), more.get("listen_fd"), more.get("tether_fd"))
        case "demo":
            run_demo()
        case "reconcile":
            run_reconcile(read())
        case "bill":
            bill.run_bill(read(), given)
        case "check":
            run_check()
        case _:
            _administer(read_database_url(), given)


def _administer(url: str, given: argparse.Namespace) -> None:
    """The commands that need nothing but the database."""
    match given.command:
        case "migrate":
            admin.run_migrate(url)
        case "create-user":
            users.run_create_user(url, given.name, given.role, given.password_stdin)
        case "reset-password":
            users.run_reset_password(url, given.name, given.password_stdin, given.remove_totp)
        case "create-api-key":
            keys.run_create_api_key(url, given)
        case "list-api-keys":
            keys.run_list_api_keys(url)
        case "revoke-api-key":
            keys.run_revoke_api_key(url, given.name)
        case "add-product":
            admin.run_add_product(url, given.id, given.title, given.price_fen)
        case "verify-audit":
            verify.run_verify_audit(url, given.anchor)
        case "verify-events":
            verify.run_verify_events(url, given.anchor)
        case "match-bill":
            match_bill.run_match_bill(url, given)
        case "backup":
            run_backup(url, given.file)
