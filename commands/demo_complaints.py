"""The demo's buyers complain: one complaint of each kind that a desk meets, at every stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.demo.seed_history import PastOrder
from services.runtime.clock import HOUR_MS

Lever = Callable[[str, dict[str, Any]], Any]
"""Pulls one of the simulator's levers; its answer."""


@dataclass(frozen=True)
class InventedComplaint:
    """Made so many hours ago, and what happened since: act, text, hours ago."""

    hours: int
    problem: str
    title: str
    text: str
    images: int = 0
    immediate: bool = False
    since: tuple[tuple[str, str, int], ...] = field(default=())


COMPLAINTS = (
    InventedComplaint(
        70,
        "SERVICE_NOT_WORK",
        "服务未生效",
        "约好的咨询老师没有上线，等了半个小时。",
        since=(
            ("merchant_replies", "非常抱歉，已为您改约到周五，并赠送一次咨询。", 60),
            ("say", "好的，可以。", 58),
            ("merchant_finishes", "", 57),
        ),
    ),
    InventedComplaint(
        52,
        "OTHERS",
        "其他问题",
        "课程的链接打不开，换了手机也不行。",
        images=1,
        since=(("merchant_replies", "您好，新的链接已经发到您的短信，请再试一次。", 44),),
    ),
    InventedComplaint(
        27,
        "REFUND",
        "申请退款",
        "时间冲突去不了，下单后就联系客服退款，一直没有人处理。",
        images=2,
        since=(
            ("merchant_replies", "您好，请问是哪一天的场次？", 20),
            ("say", "周六下午那一场，请直接退款。", 3),
        ),
    ),
    InventedComplaint(
        22,
        "SERVICE_NOT_WORK",
        "服务未生效",
        "买了一对一咨询，三天了没有人联系我。",
        since=(("ask_platform", "商家不回复，申请平台介入。", 6),),
    ),
    InventedComplaint(9, "REFUND", "申请退款", "重复付款了两次，麻烦退一笔。", images=1),
    InventedComplaint(
        1, "OTHERS", "其他问题", "请问发票怎么开？页面上找不到入口。", immediate=True
    ),
)


def complain(pull: Lever, paid: Sequence[PastOrder]) -> None:
    """Each about an order that was paid before it; `paid` are the oldest first. No notify tells of
    them, as nobody serves yet: they are found by asking."""
    newest, free = paid[-1].ended_at if paid else 0, list(paid)
    for each in COMPLAINTS:
        before = [order for order in free if order.ended_at <= newest - each.hours * HOUR_MS]
        if not before:
            continue
        order = before[-1]
        free.remove(order)
        wanted = {
            "orderNum": order.order_num,
            "phone": order.phone,
            "hoursAgo": each.hours,
            "problem": each.problem,
            "title": each.title,
            "text": each.text,
            "images": each.images,
            "immediate": each.immediate,
            "told": False,
        }
        made = pull("complaints", wanted)["complaint"]["id"]
        for act, text, hours in each.since:
            act_ = {"act": act, "text": text, "hoursAgo": hours, "told": False}
            pull(f"complaints/{made}", act_)
