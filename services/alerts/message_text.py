"""What a message about alerts says: Chinese and English, no personal data, and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from payments.alert_kinds import AlertKind
from payments.masking import mask_text
from payments.money import yuan

MAX_LINES = 10
"""So many cases of one message are named; the others are counted."""
LONGEST_RULE = 400

_KINDS: dict[str, tuple[str, str]] = {
    AlertKind.AMOUNT_MISMATCH: ("金额不一致", "Amount mismatch"),
    AlertKind.NEGATIVE_TOTAL: ("金额为负", "Negative total"),
    AlertKind.ILLEGAL_TRANSITION: ("非法状态跳转", "Illegal transition"),
    AlertKind.MISSING_ORDER: ("订单不存在", "Order not found"),
    AlertKind.BAD_SIGNATURE: ("验签失败", "Bad signature"),
    AlertKind.FOREIGN_MERCHANT: ("商户号或 AppID 不符", "Wrong merchant"),
    AlertKind.REFUND_ANOMALY: ("退款异常", "Refund anomaly"),
    AlertKind.RECONCILE_GAP: ("对账差异", "Reconciliation difference"),
    AlertKind.SYSTEM: ("系统告警", "System alert"),
}
_LEVELS = {
    "info": ("提示", "Info"),
    "low": ("低", "Low"),
    "medium": ("中", "Medium"),
    "high": ("高", "High"),
    "critical": ("严重", "Critical"),
}
_CAUSES = {
    "raised": ("", ""),
    "reopened": ("解决后又发生，第 {n} 次。", "It happened again after it was resolved, time {n}."),
    "graver": ("同一告警变得更严重，第 {n} 次。", "The same alert has become graver, time {n}."),
}
_WHERE = {True: ("订单", "Order"), False: ("来源", "Source")}
_FACTS = {
    True: (
        "{where} {who}：预期 {due}，实际 {paid}。",
        "{where} {who}: {due} expected, {paid} found.",
    ),
    False: ("{where} {who}：{what}。", "{where} {who}: {what}."),
}


@dataclass(frozen=True)
class ToldCase:
    """A case as a message tells it. `expected` and `actual` are fen where both are amounts."""

    alert_id: int
    kind: str
    severity: str
    order_num: str | None
    subject: str
    rule: str
    expected: int | str | None
    actual: int | str | None
    cause: str
    count: int

    @property
    def amounts(self) -> tuple[str, str] | None:
        if isinstance(self.expected, int) and isinstance(self.actual, int):
            return f"¥{yuan(self.expected)}", f"¥{yuan(self.actual)}"
        return None


def compose(cases: Sequence[ToldCase], origin: str, *, simulated: bool) -> tuple[str, str]:
    """Title and text of one message about these cases, the newest last."""
    mark = "[模拟 Simulation] " if simulated else ""
    title, text = _one(cases[0], origin) if len(cases) == 1 else _many(cases, origin)
    return f"{mark}{title}", text


def trial(origin: str, by: str, *, simulated: bool) -> tuple[str, str]:
    """What the test button sends."""
    mark = "[模拟 Simulation] " if simulated else ""
    title = f"{mark}测试消息 · Test message"
    chinese = f"{by} 从支付控制台发出的测试，不用处理。"
    english = f"A test by {by} from the pay console; nothing to do."
    return title, "\n".join((chinese, english, f"{origin}/settings"))


def _one(case: ToldCase, origin: str) -> tuple[str, str]:
    kind, level, cause = _KINDS[case.kind], _LEVELS[case.severity], _CAUSES[case.cause]
    lines = [_facts(case, 0), _facts(case, 1)]
    lines += [words.format(n=case.count) for words in cause if words]
    return (
        f"【{level[0]}】{kind[0]} · {level[1]}: {kind[1]}",
        "\n".join([*lines, f"{origin}/alerts/{case.alert_id}"]),
    )


def _many(cases: Sequence[ToldCase], origin: str) -> tuple[str, str]:
    worst = max(cases, key=lambda case: list(_LEVELS).index(case.severity)).severity
    level, n = _LEVELS[worst], len(cases)
    lines = [_line(case) for case in cases[:MAX_LINES]]
    if n > MAX_LINES:
        lines.append(f"另有 {n - MAX_LINES} 条 · {n - MAX_LINES} more")
    return (
        f"【{level[0]}】{n} 条告警 · {level[1]}: {n} alerts",
        "\n".join([*lines, f"{origin}/alerts"]),
    )


def _line(case: ToldCase) -> str:
    kind, level = _KINDS[case.kind], _LEVELS[case.severity]
    amounts = " → ".join(case.amounts) if case.amounts else ""
    parts = (f"{kind[0]} {kind[1]}", case.order_num or mask_text(case.subject) or "", amounts)
    return f"• {level[0]} {level[1]} · " + " · ".join(part for part in parts if part)


def _facts(case: ToldCase, language: int) -> str:
    """What is wrong, in Chinese (0) or English (1). A rule of the system is our own sentence, in
    both."""
    if case.kind == AlertKind.SYSTEM:
        rule = (mask_text(case.rule) or "")[:LONGEST_RULE]
        return (f"系统 · {case.subject}", rule)[language]
    due, paid = case.amounts or ("", "")
    given = {
        "where": _WHERE[bool(case.order_num)][language],
        "who": case.order_num or mask_text(case.subject),
        "what": _KINDS[case.kind][language],
        "due": due,
        "paid": paid,
    }
    return _FACTS[bool(case.amounts)][language].format(**given)
