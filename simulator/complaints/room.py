"""The objects of complaints, built together once."""

from __future__ import annotations

from collections.abc import Callable

from payments.merchant import Merchants
from simulator.complaints.complaint import SimulatedComplaint
from simulator.complaints.complaints import SimulatedComplaints
from simulator.complaints.desk import MerchantServiceDesk
from simulator.complaints.media import Media
from simulator.state.clock import SimulatedClock
from simulator.state.signing_keys import Keys
from simulator.v2.messages import NotifyMessage, path_of
from simulator.v3.messages import NotifiesV3

LADDER = (*(60,) * 10, *(300,) * 22)
"""Seconds between one delivery and the next; two hours in all."""
UNREGISTERED = "/pay/notify/v3"
"""Where an account is told that has registered no address."""


def complaint_room(
    merchants: Merchants,
    begin: Callable[[NotifyMessage, tuple[int, ...]], None],
    notifies: NotifiesV3,
    clock: SimulatedClock,
    keys: Keys,
    origin: str,
) -> tuple[SimulatedComplaints, MerchantServiceDesk]:
    """`begin` delivers a notify, again and again along a ladder."""
    addresses: dict[str, str] = {}

    def tell(complaint: SimulatedComplaint, event_type: str, action: str) -> None:
        news = {"complaint_id": complaint.id, "action_type": action}
        path = path_of(addresses.get(complaint.merchant.mch_id, UNREGISTERED))
        begin(notifies.complained(complaint, complaint.merchant, event_type, news, path), LADDER)

    complaints = SimulatedComplaints(clock, Media(), tell)
    desk = MerchantServiceDesk(merchants, complaints, addresses, clock, keys, origin)
    return complaints, desk
