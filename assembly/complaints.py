"""Builds the desk of complaints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assembly.core import Core
from assembly.network import ca_certs
from payments.merchant import Merchant
from services.complaints.complaint_desk import ComplaintDesk
from services.complaints.complaint_views import ComplaintViews
from services.complaints.fetching import ComplaintFetching, complaint_accounts
from services.refunds.refunds import Refunds
from services.wechat.backup_domain import Transport, domains_of, transport_to
from services.wechat.client import CurlTransport, WeChatClient
from services.wechat.complaint_client import MOST_BYTES, TOTAL_S, ComplaintClient


@dataclass(frozen=True)
class ComplaintRoom:
    """What asks WeChat about complaints, with the ways that it goes."""

    accounts: Mapping[str, Merchant]
    client: ComplaintClient
    views: ComplaintViews
    fetching: ComplaintFetching
    transports: tuple[Transport, ...]

    def close(self) -> None:
        for transport in self.transports:
            transport.close()


def build_complaints(core: Core) -> ComplaintRoom:
    base_url, clock = core.settings.wechat_base_url, core.clock
    reading = transport_to(base_url, ca_certs(), clock, TOTAL_S, MOST_BYTES)
    once = CurlTransport(base_url, ca_certs(), TOTAL_S)
    keys = core.platform_keys
    wechat, alone = (WeChatClient(way, clock, keys.keys_of, keys.renew) for way in (reading, once))
    client = ComplaintClient(wechat, alone, domains_of(base_url))
    accounts = complaint_accounts(core.merchants)
    return ComplaintRoom(
        accounts,
        client,
        ComplaintViews(core.store, core.sealer),
        ComplaintFetching(core.store, client, accounts, core.sealer, clock),
        (reading, once),
    )


def build_complaint_desk(core: Core, room: ComplaintRoom, refunds: Refunds) -> ComplaintDesk:
    return ComplaintDesk(
        core.store,
        room.client,
        room.fetching,
        room.views,
        refunds,
        room.accounts,
        core.sealer,
    )
