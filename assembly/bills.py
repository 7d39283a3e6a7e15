"""Builds what fetches bills and matches them."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from assembly.core import Core
from assembly.network import ca_certs
from assembly.places import SCRIPT
from services.bills.bill_run import RunTools
from services.bills.bill_turns import BillTurns
from services.bills.bills import Bills
from services.bills.healing import Healing
from services.bills.match_child import BillMatcher
from services.settlement.order_query import OrderQuery
from services.settlement.outside_refunds import OutsideRefunds
from services.wechat.backup_domain import domains_of
from services.wechat.bill_client import BillClient
from services.wechat.bill_download import BillDownload
from services.wechat.bill_file import remove_partial
from services.wechat.client import WeChatClient

log = logging.getLogger(__name__)

OLD_S = 24 * 3600
"""No run takes so long."""


def build_bills(core: Core, wechat: WeChatClient, outside: OutsideRefunds) -> Bills:
    """`wechat` asks at the pace of the jobs, as `outside` does."""
    settings = core.settings
    folder = bill_folder(settings.database_url)
    download = BillDownload(domains_of(settings.wechat_base_url), ca_certs())
    healing = Healing(core.store, core.merchants, OrderQuery(wechat, core.settlement), outside)
    tools = RunTools(
        core.store,
        core.clock,
        BillClient(wechat, download, core.clock, BillTurns(core.store)),
        BillMatcher(SCRIPT, settings.database_url),
        healing,
        folder,
    )
    return Bills(tools, core.merchants, settings.bill_minute)


def bill_folder(database_url: str) -> Path:
    """For bills while they are worked on: one for each database, readable by this user alone. What
    a killed process has left there is removed. Where no folder can be made, each bill says so when
    it is kept: money is taken without."""
    of = hashlib.sha256(database_url.encode()).hexdigest()[:12]
    name = f"paywatch-bills-{os.getuid()}-{of}"
    try:
        return _own_folder(Path(tempfile.gettempdir()) / name)
    except OSError as error:
        log.warning("There is no folder for bills: %s.", error)
        return Path("/tmp") / name  # noqa: S108 - nothing is written unless it is made


def _own_folder(folder: Path) -> Path:
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        return Path(tempfile.mkdtemp(prefix="paywatch-bills-"))  # somebody else made it
    remove_partial(folder)
    before = _now_of(folder) - OLD_S
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another process removes them too
            if path.stat().st_mtime < before:
                path.unlink()
    return folder


def _now_of(folder: Path) -> float:
    """The time by which files are dated there, which may be another than ours: of a simulated
    clock, or of the server that has the disk."""
    with tempfile.TemporaryFile(dir=folder) as probe:
        return os.fstat(probe.fileno()).st_mtime
