"""The labels of WeChat's receipts and bills and those that clerks write, simplified, traditional
and English; and the signs around what is pasted."""

from __future__ import annotations

import re

SIMPLE = str.maketrans(
    "單號戶時間額訂實應電話機產編創點兩週後無帳賬銀聯類態況購買顧碼塊",
    "单号户时间额订实应电话机产编创点两周后无账账银联类态况购买顾码块",
)
"""Traditional characters of labels and times as simplified ones, one for one."""
_LABELS = {
    "order": "商户单号 商户订单号 商家订单号 商家单号 订单编号 订单号码 订单号 订单 order "
    "order|no order|no. order|number merchant|order|no merchant|order|no. out_trade_no",
    "transaction": "微信支付订单号 微信支付单号 微信订单号 微信单号 交易单号 交易号 支付单号 "
    "流水号 单号 id wechat wechat|id transaction|id transaction|no. transaction|no "
    "transaction|number transaction_id",
    "refund": "微信退款单号 商户退款单号 退款单号 退款编号 "
    "refund|no refund|no. refund|id refund|number out_refund_no refund_id",
    "time": "支付时间 付款时间 交易时间 下单时间 创建时间 订单时间 退款时间 转账时间 时间 "
    "payment|time transaction|time order|time paid|at time",
    "amount": "付款金额 支付金额 实付金额 订单金额 交易金额 应付金额 退款金额 金额(元) 金额 "
    "实付款 实付 实收 应付 合计 amount|paid total|amount amount total",
    "phone": "手机号码 电话号码 联系电话 手机号 手机 电话 phone|number phone tel mobile",
    "product": "商品名称 商品说明 商品名 商品 product item goods",
    "customer": "客户 姓名 顾客 收货人 customer name",
    "openid": "openid",
    "": "当前状态 支付方式 付款方式 商户全称 商户名称 收单机构 收款方 交易类型 交易对方 交易状态 "
    "收/支 备注 账单服务 账单详情 微信支付 current|status status payment|method "
    "merchant|full|name payment|successful",
}
LABELS = {
    label.replace("|", " "): field for field, labels in _LABELS.items() for label in labels.split()
}
"""By label, in small letters, the word of `Field`; "" where what it says is not looked for."""
_ONE = "|".join(re.escape(label) for label in sorted(LABELS, key=len, reverse=True))
_LABELLED = re.compile(
    rf"(?P<label>{_ONE})(?:(?P<sign>\s*:\s*|\s*[是为]\s*|\s+is\s+)|(?P<blank>\s*))(?P<value>.*)",
    re.S,
)
_BEFORE_LABEL = re.compile(rf"[\s,;]+(?=(?:{_ONE})\s*:)")
_CELLS = re.compile(r"[\n\r\t;]+|\s{3,}|(?<!\d),|,(?!\d)|、")
_NEEDS_SIGN = ("product", "customer")
_AROUND = "\"'`“”‘’「」『』《》【】()[]<>=#,，。.;!?？、…~ \t\r\n:"
_ASKED = re.compile(r"(?:对?吗|呢|吧|么|的|谢谢|多谢|thanks|thank you|please)$")
_ASKING = re.compile(
    r"^(?:你好|您好|请问|麻烦|帮我?查一?下?|查一?下|支?付了|花了|(?:hi|hello)(?![a-z]))"
)
_PICTURES = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]"
)
MOST_CELLS = 60


def peeled(text: str) -> str:
    """Without the signs, pictures and polite words around it."""
    text = _PICTURES.sub("", text).strip(_AROUND)
    for _ in range(3):
        lower = text.lower().translate(SIMPLE)
        if found := _ASKED.search(lower):
            text = text[: found.start()]
        elif found := _ASKING.search(lower):
            text = text[found.end() :]
        text = text.strip(_AROUND)
    return text


def labelled(text: str) -> tuple[str, str] | None:
    """The word of `Field` that a label at the beginning says, "" for one that says none, and what
    stands behind it. Without a colon a value must have a digit, and blanks behind Latin labels."""
    found = _LABELLED.fullmatch(text.lower().translate(SIMPLE))
    if not found:
        return None
    field, value = LABELS[found["label"]], text[found.start("value") :].strip()
    if found["sign"] or not value:
        return field, value
    if field in _NEEDS_SIGN or not any(c.isdigit() for c in value):
        return (field, value) if not field and found["blank"] else None
    apart = found["blank"] or not found["label"].isascii()
    return (field, value) if apart and re.match(r"[\s0-9A-Za-z+¥￥(`'\"-]", value) else None


def cells(text: str) -> list[tuple[str | None, str]]:
    """The parts of a pasted text with the labels before them: None without one. A label that
    stands alone is that of the next part."""
    found: list[tuple[str | None, str]] = []
    waiting: str | None = None
    for cell in _CELLS.split(_BEFORE_LABEL.sub("\n", text))[:MOST_CELLS]:
        cell = peeled(cell)
        if not cell:
            continue
        known = labelled(cell)
        field, value = known or (waiting, cell)
        if known and not value:
            waiting = field
            continue
        waiting = None
        found.append((field, peeled(value)))
    return found
