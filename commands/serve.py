"""To serve: the listening socket, the signals, one process or the parent of several."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
import tempfile

from peewee import Database

from assembly.build import build
from assembly.database import CommandError, ready_database
from assembly.interpreter import loop_factory, settle_down
from assembly.log_lines import set_up_log
from assembly.places import ROOT, SCRIPT
from assembly.version import VERSION
from commands import users
from commands.supervise import Supervisor, Tether, listen
from handlers.console_files import missing_files
from payments.errors import Busy
from services.checks.check_codes import CheckCode, check_sentence
from services.runtime.metrics import FOLDER_VARIABLE
from settings import Settings, unused

MAX_DESCRIPTORS = 65_536
STOP_S = 10.0
"""Twice what a stop may take."""

log = logging.getLogger("paywatch")


def run_serve(
    settings: Settings,
    listen_fd: int | None = None,
    tether_fd: int | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. The descriptors come from the parent of several processes:
    the listening socket, and the tether that tells each that the other lives."""
    set_up_log(settings.log_format)
    # Replaces processes, where there are several (commands/supervise.py); else it must not end us.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if missing := missing_files(ROOT, settings.plain_scripts):
        raise CommandError(f"Browser files are missing: `make setup` makes {', '.join(missing)}.")
    database = ready_database(settings.database_url)
    _allow_many_connections()
    if listen_fd is not None:
        sock = socket.socket(fileno=listen_fd)
    else:
        sock = listen(settings.listen_host, settings.listen_port)
    tether = None if tether_fd is None else Tether(tether_fd)
    if tether is None:
        for name in unused():
            log.warning("%s is set, and this version does not use it.", name)
        if settings.plays and not settings.simulated:
            log.warning("%s", check_sentence(CheckCode.PLAY_MONEY, {}))
        if token := users.setup_token(settings.database_url):
            page = f"{settings.public_origin}/setup"
            log.info("There is no admin yet: open %s with the token %s", page, token)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        if settings.processes > 1 and tether is None:
            with tempfile.TemporaryDirectory(prefix="paywatch-") as folder:
                parent = Supervisor(SCRIPT, sock, settings.processes, folder)
                runner.run(parent.run())
        else:
            runner.run(_serve(settings, database, sock, tether))


def _allow_many_connections() -> None:
    """Thousands of pages may wait at once, and each holds a descriptor."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_DESCRIPTORS if most == resource.RLIM_INFINITY else min(most, MAX_DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


async def _serve(
    settings: Settings,
    database: Database,
    sock: socket.socket,
    tether: Tether | None,
) -> None:
    running = build(settings, database)
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stopped.set)
    try:
        await running.start(sock, shared=tether is not None)
    except Busy as error:
        await running.stop()
        raise CommandError(f"Cannot serve: {error.message}") from error
    settle_down()
    log.info("Paywatch %s listens on %s", VERSION, settings.listen)
    if tether is not None:
        tether.say_ready(stopped.set)
    await stopped.wait()
    try:
        async with asyncio.timeout(STOP_S):
            await running.stop()
    except TimeoutError:
        log.critical("Something does not stop; the process ends without it.")
        os._exit(1)  # what was answered is committed
    if tether is not None:
        tether.tidy(os.environ.get(FOLDER_VARIABLE))
