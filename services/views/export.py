"""Orders as a file for a spreadsheet: CSV that keeps long numbers, runs no formula and holds no
person's data in full."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
from services.runtime.clock import CHINA_OFFSET_MS, Clock, rfc3339
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
BOM = "\ufeff"

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""The characters at the beginning of a cell that a spreadsheet may take for a formula."""

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
        yield BOM + _csv([_HEADS[export.language]])
        for start in range(0, len(export.ids), PAGE):
            some = export.ids[start : start + PAGE]
            views = await self._store.read(_read_views, some)
            yield _csv([_row(view, export.language) for view in views])
        if export.cut:
            yield _csv([[_CUT[export.language].format(n=f"{len(export.ids):,}")]])


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
        _number(view.order_num),
        _time(view.created_at),
        _number(view.product_id),
        _text(mask_text(view.title)),
        _text(_name(view.customer)),
        _text(mask_phone(view.phone)),
        _text(mask_open_id(view.open_id)),
        yuan(view.total_fen),
        yuan(paid),
        yuan(view.refunded_fen),
        words[view.status.value],
        words.get(service, service),
        _time(view.paid_at),
        _time(view.wechat_paid_at),
        _number(view.transaction_id),
        view.trade_type or "",
    ]


def _number(text: str | None) -> str:
    """A tab before it keeps a spreadsheet from making 28 digits a rounded number."""
    return f"\t{text}" if text else ""


def _text(text: str | None) -> str:
    """A free text on one line, never as a formula."""
    line = " ".join((text or "").splitlines())
    return f"'{line}" if line.lstrip().startswith(_FORMULA) or line.startswith(_FORMULA) else line


def _name(name: str | None) -> str | None:
    return f"{name[0]}**" if name else name


def _time(ms: int | None) -> str:
    """`2026-11-23 14:27:44`, in China."""
    if ms is None:
        return ""
    china = datetime.fromtimestamp((ms + CHINA_OFFSET_MS) / 1000, UTC)
    return f"{china:%Y-%m-%d %H:%M:%S}"


def _csv(lines: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(lines)
    return out.getvalue()
