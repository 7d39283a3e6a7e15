"""Orders as a file for a spreadsheet: CSV that keeps long numbers, runs no formula and holds no
person's data in full."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from models import Order
from models.base import rows
from models.store import Store
from models.transaction import Batch
from models.user import Role
from payments.errors import Busy
from payments.masking import mask_open_id, mask_phone, mask_text
from payments.money import yuan
from payments.states import SETTLED
from services.auth.roles import Principal
from services.orders.orders import OrderView, to_view, view_columns
from services.runtime.audit_log import Deed, record
from services.runtime.clock import Clock, rfc3339
from services.runtime.csv_text import BOM, csv_lines, number_cell, text_cell, time_cell
from services.views.list_position import ListPosition
from services.views.order_filter import OrderFilter
from services.views.order_list import find_orders
from services.views.query_parser import readings
from services.views.search_watch import SearchWatch

MOST_ROWS = {Role.SUPPORT: 5_000, Role.ADMIN: 50_000}
PAGE = 500
REACH = 50_000
"""The newest orders that a page looks through where few pass the filters."""
MOST_PAGES = 500
"""Pages are short where few orders pass the filters; so many are read at most."""
AT_ONCE = 2

_HEADS = {
    "zh": (
        "订单号",
        "下单时间",
        "商品编号",
        "商品",
        "客户",
        "手机号",
        "openid",
        "应付（元）",
        "实付（元）",
        "已退（元）",
        "支付状态",
        "服务状态",
        "支付时间",
        "微信支付时间",
        "微信支付单号",
        "支付方式",
    ),
    "en": (
        "Order no.",
        "Created",
        "Product id",
        "Product",
        "Customer",
        "Phone",
        "openid",
        "Due (CNY)",
        "Paid (CNY)",
        "Refunded (CNY)",
        "Payment",
        "Service",
        "Paid at",
        "Paid at WeChat",
        "WeChat ID",
        "Paid by",
    ),
}
_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "INIT": "新建",
        "WAIT_PAY": "待支付",
        "PAID": "已支付",
        "CLOSED": "已关闭",
        "REFUNDING": "退款中",
        "PARTIALLY_REFUNDED": "部分退款",
        "REFUNDED": "已退款",
        "SERVICE_WAIT": "等待接待",
        "IN_SERVICE": "接待中",
        "SERVED": "已完成",
        "SERVICE_CANCELLED": "已取消",
    },
    "en": {
        "INIT": "Created",
        "WAIT_PAY": "Pending",
        "PAID": "Paid",
        "CLOSED": "Closed",
        "REFUNDING": "Refunding",
        "PARTIALLY_REFUNDED": "Part refunded",
        "REFUNDED": "Refunded",
        "SERVICE_WAIT": "Waiting",
        "IN_SERVICE": "In service",
        "SERVED": "Done",
        "SERVICE_CANCELLED": "Cancelled",
    },
}
_CUT = {
    "zh": "只导出了前 {n} 条，后面还有；请缩小筛选范围再导出。",
    "en": "Only the first {n} orders; there are more. Narrow the filters and export again.",
}
LANGUAGES = tuple(_HEADS)


@dataclass(frozen=True)
class Export:
    """The orders of a file, by their ids; `cut` when there were more than the caller may take."""

    ids: tuple[int, ...]
    cut: bool
    language: str


class Exports:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._watch = SearchWatch(store, clock)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def begin(self, wanted: OrderFilter, by: Principal, language: str) -> Export:
        """Choose the orders, and write into the audit log who takes how many of what, before the
        first byte. Raises Busy: two are being made already, or the database cannot be read."""
        if self._places.locked():
            raise Busy("Two other exports are running; try again in a moment.")
        await self._watch.note(wanted.q, by.name)
        async with self._places:
            ids, cut = await self._choose(wanted, MOST_ROWS[by.role])
            detail = {**_filter(wanted, self._clock.now_ms()), "rows": len(ids), "cut": cut}
            await self._store.write(log_export, Deed(by.name, "orders.exported", "orders", detail))
        return Export(ids, cut, language)

    async def _choose(self, wanted: OrderFilter, most: int) -> tuple[tuple[int, ...], bool]:
        now = self._clock.now_ms()
        ids: list[int] = []
        before: ListPosition | None = None
        for _ in range(MOST_PAGES):
            found = await self._store.read(find_orders, wanted, now, before, PAGE, REACH)
            ids += [view.id for view in found.views]
            before = found.next
            if before is None or len(ids) > most:
                break
        return tuple(ids[:most]), len(ids) > most or before is not None

    async def lines(self, export: Export) -> AsyncIterator[str]:
        """The text of the file, a few hundred rows at a time. Raises Busy."""
        yield BOM + csv_lines([_HEADS[export.language]])
        for start in range(0, len(export.ids), PAGE):
            some = export.ids[start : start + PAGE]
            views = await self._store.read(_read_views, some)
            yield csv_lines([_row(view, export.language) for view in views])
        if export.cut:
            yield csv_lines([[_CUT[export.language].format(n=f"{len(export.ids):,}")]])


def log_export(batch: Batch, deeds: Sequence[Deed]) -> list[None]:
    record(batch, *deeds)
    return [None] * len(deeds)


def _filter(wanted: OrderFilter, now_ms: int) -> dict[str, Any]:
    """The filters of the request without the search text, which may be a phone number or a name."""
    ways = readings(wanted.q, now_ms)
    given = {
        "as": ways[0].field.value if ways else None,
        "status": ",".join(wanted.statuses),
        "service": ",".join(wanted.services),
        "from": rfc3339(wanted.since),
        "to": rfc3339(wanted.until),
        "paidFrom": rfc3339(wanted.paid_since),
        "paidTo": rfc3339(wanted.paid_until),
        "minFen": wanted.min_fen,
        "maxFen": wanted.max_fen,
        "alerts": wanted.with_alerts or None,
    }
    return {name: value for name, value in given.items() if value not in (None, "")}


def _read_views(ids: Sequence[int]) -> list[OrderView]:
    query = Order.select(*view_columns()).where(Order.id.in_(ids))
    views = {view.id: view for view in (to_view(row) for row in rows(query))}
    return [views[order_id] for order_id in ids if order_id in views]


def _row(view: OrderView, language: str) -> list[str]:
    words = _WORDS[language]
    paid = view.total_fen if view.status in SETTLED else 0
    service = view.service_status or ""
    return [
        number_cell(view.order_num),
        time_cell(view.created_at),
        number_cell(view.product_id),
        text_cell(mask_text(view.title)),
        text_cell(_name(view.customer)),
        text_cell(mask_phone(view.phone)),
        text_cell(mask_open_id(view.open_id)),
        yuan(view.total_fen),
        yuan(paid),
        yuan(view.refunded_fen),
        words[view.status.value],
        words.get(service, service),
        time_cell(view.paid_at),
        time_cell(view.wechat_paid_at),
        number_cell(view.transaction_id),
        view.trade_type or "",
    ]


def _name(name: str | None) -> str | None:
    return f"{name[0]}**" if name else name
