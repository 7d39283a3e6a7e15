"""What a notify of a complaint leaves, in the transaction that keeps the notify: a look at WeChat,
and a case at once where the complaint is not known yet."""

from __future__ import annotations

from collections.abc import Iterable

from models import Complaint
from models.base import rows
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.complaints.complaint import COMPLAINT_ID
from payments.masking import mask_mch_id
from payments.payment_rules import Compared
from payments.v3.notify import ComplaintNews
from services.alerts.cases import Finding, raise_all
from services.complaints.look_ops import WantedLook, ask_soon


def take_complaints(batch: Batch, told: Iterable[tuple[ComplaintNews, str]]) -> None:
    """Each with the id of its raw notify. The case of a complaint
    that is known follows from what WeChat answers, so a notify of our own answer opens none."""
    found = list(told)
    ids = [news.complaint_id for news, _ in found if news.complaint_id]
    query = Complaint.select(Complaint.complaint_id).where(Complaint.complaint_id.in_(ids))
    known = {complaint_id for (complaint_id,) in rows(query)} if ids else set()
    new = [each for each in found if each[0].complaint_id not in known]
    raise_all(batch, [complained(news, notify_id) for news, notify_id in new])
    wanted = [
        WantedLook(news.complaint_id, news.merchant.mch_id)
        for news, _ in found
        if news.complaint_id and COMPLAINT_ID.fullmatch(news.complaint_id)
    ]
    ask_soon(batch, wanted)


def complained(news: ComplaintNews, notify_id: str) -> Finding:
    """The case of a complaint, one for each. An id or action of WeChat's is cut to the length that
    it has at most."""
    account = mask_mch_id(news.merchant.mch_id)
    complaint = (news.complaint_id or "-")[:64]
    action = (news.action or news.event_type)[:64]
    return Finding(
        AlertKind.COMPLAINT,
        complaint,
        None,
        Cause.COMPLAINT_TOLD,
        None,
        action,
        (
            Compared("complaint_id", None, complaint, True),
            Compared("action_type", None, action, True),
            Compared("mch_id", account, account, True),
        ),
        {"complaint": complaint, "account": account, "action": action},
        notice_id=notify_id,
    )
