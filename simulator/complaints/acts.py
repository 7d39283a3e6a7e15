"""What happens to a complaint without the merchant, each with its line of the history and its
notify, spelt as WeChat sends them."""

from __future__ import annotations

from dataclasses import dataclass

from payments.complaints.complaint import ComplaintState
from simulator.complaints.complaint import SimulatedComplaint

USER, PLATFORM, SYSTEM = "投诉人", "微信支付客服", "系统"


@dataclass(frozen=True)
class Act:
    """`type` is the line's, `told` the action of the notify; without one nobody is told. `then` are
    fields of the complaint that change."""

    type: str
    operator: str
    told: str | None = None
    then: tuple[tuple[str, object], ...] = ()
    text: str = ""
    is_users: bool = False


_OVER = (("state", ComplaintState.PROCESSED),)
ACTS = {
    "say": Act(
        "USER_RESPONSE",
        USER,
        "USER_RESPONSE",
        (("user_waits", True),),
        "请尽快处理。",
        is_users=True,
    ),
    "click": Act(
        "USER_CLICK_RESPONSE",
        USER,
        "USER_RESPONSE",
        (("user_waits", True),),
        "人工服务",
        is_users=True,
    ),
    "continue": Act(
        "USER_CONTINUE_COMPLAINT",
        USER,
        "CONTINUE_COMPLAINT",
        (("user_waits", True), ("state", ComplaintState.PENDING), ("decision", "")),
        "问题没有解决，继续投诉。",
        is_users=True,
    ),
    "revoke": Act("USER_REVOKE_COMPLAINT", USER, None, _OVER),
    "confirm": Act("USER_COMFIRM_COMPLAINT", USER, None, _OVER),
    "satisfaction": Act("USER_SUBMIT_SATISFACTION", USER, None, (), "5"),
    "platform_says": Act("PLATFORM_RESPONSE", PLATFORM, "RESPONSE_BY_PLATFORM", (), "请商户回复。"),
    "platform_urges": Act("PLATFORM_HELP_APPLICATION", PLATFORM, None, (), "平台催办"),
    "ask_help": Act("USER_APPLY_PLATFORM_HELP", USER, None, (), "申请平台协助"),
    "ask_platform": Act(
        "USER_APPLY_PLATFORM_SERVICE",
        USER,
        "USER_APPLY_PLATFORM_SERVICE",
        (("in_platform", True),),
        "申请平台介入",
    ),
    "leave_platform": Act(
        "USER_CANCEL_PLATFORM_SERVICE",
        USER,
        "USER_CANCEL_PLATFORM_SERVICE",
        (("in_platform", False),),
    ),
    "platform_finished": Act(
        "PLATFORM_SERVICE_FINISHED",
        PLATFORM,
        "PLATFORM_SERVICE_FINISHED",
        (("in_platform", False),),
        "平台服务已结束",
    ),
    "order_cancelled": Act("SERVICE_ORDER_CANCEL", SYSTEM),
    "order_completed": Act("SERVICE_ORDER_COMPLETE", SYSTEM),
    "full_refund": Act(
        "COMPLAINT_FULL_REFUNDED_SYSTEM_MESSAGE",
        SYSTEM,
        "SELLER_REFUND",
        (("fully_refunded", True),),
    ),
    "part_refund": Act("COMPLAINT_PARTIAL_REFUNDED_SYSTEM_MESSAGE", SYSTEM, "SELLER_REFUND"),
    "refund_received": Act(
        "COMPLAINT_REFUND_RECEIVED_SYSTEM_MESSAGE", SYSTEM, "REFUND_SUCCESS", _OVER
    ),
    "entrusted_refund": Act("COMPLAINT_ENTRUSTED_REFUND_SYSTEM_MESSAGE", SYSTEM, "SELLER_REFUND"),
}
CREATED, CREATED_SYSTEM = "USER_CREATE_COMPLAINT", "USER_CREATE_COMPLAINT_SYSTEM_MESSAGE"
CONTINUED_SYSTEM = "USER_CONTINUE_COMPLAINT_SYSTEM_MESSAGE"


def more_of(act: str, complaint: SimulatedComplaint, text: str) -> dict[str, object]:
    """The fields that WeChat sends beside the text of such a line."""
    if act == "ask_platform":
        return {
            "user_appy_platform_service_reason": "商家不处理",
            "user_appy_platform_service_reason_description": text,
        }
    if act == "click":
        last = complaint.rows[-1].id if complaint.rows else ""
        clicked = {"message_content": text, "action_id": "help", "clicked_log_id": last}
        return {"click_message": clicked}
    return {}
