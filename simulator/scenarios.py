"""What can be played, by name: the stories that prove the product."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from simulator.play import Play
from simulator.stories import answers, delivery, money, proof
from simulator.stories.storm import storm

Story = Callable[[Play, str | None], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    story: Story
    title: str
    title_zh: str
    expects: str
    """What the product must do, in a sentence."""
    expects_zh: str
    needs_key: bool = False
    """Cannot be played without the shop's API key, even when an order number is given."""
    takes_order: bool = True
    """False: makes what it needs, whatever order number is given."""


_UNTRUSTED = (
    "The prepay says wechat_untrusted; a repeat sends the same parameters and gets the prepay.",
    "下单返回 wechat_untrusted；重试发送相同参数并取得下单结果。",
)
_UNREACHABLE = (
    "The prepay says wechat_unreachable; a repeat sends the same parameters and gets the prepay.",
    "下单返回 wechat_unreachable；重试发送相同参数并取得下单结果。",
)

SCENARIOS: dict[str, Scenario] = {
    "paid": Scenario(
        money.paid,
        "Successful payment",
        "支付成功",
        "Answers SUCCESS and books the order.",
        "应答 SUCCESS，订单入账。",
    ),
    "duplicate": Scenario(
        money.duplicate,
        "Duplicate notify",
        "重复通知",
        "Answers SUCCESS both times and books once.",
        "两次都应答 SUCCESS，只入账一次。",
    ),
    "concurrent_duplicate": Scenario(
        delivery.concurrent_duplicate,
        "Duplicates at the same moment",
        "并发重复通知",
        "Answers SUCCESS sixteen times at once and books once.",
        "同时十六次都应答 SUCCESS，只入账一次。",
    ),
    "late": Scenario(
        delivery.late,
        "Late notify",
        "通知迟到",
        "Waits for nine lost notifies; books once when the tenth comes, and "
        "the eleventh is a duplicate.",
        "前九次通知丢失，第十次到达时入账一次，第十一次算重复。",
    ),
    "never": Scenario(
        delivery.never,
        "Notify never comes",
        "通知丢失",
        "Leaves the order WAIT_PAY though WeChat's query says SUCCESS: nobody has told it.",
        "没有收到通知，订单保持 WAIT_PAY；微信查单为 SUCCESS。",
    ),
    "out_of_order": Scenario(
        delivery.out_of_order,
        "Out of order",
        "乱序到达",
        "Books a notify that overtakes WeChat's answer to the prepay (which "
        "ends in already_paid); an earlier failure that comes last changes nothing.",
        "通知先于下单应答到达也入账（下单返回 already_paid）；最后到达的失败通知不改变订单。",
    ),
    "slow": Scenario(
        delivery.slow,
        "Slow network",
        "网络缓慢",
        "Waits for a slow prepay, takes a slow notify, and books.",
        "等待缓慢的下单应答，接收缓慢的通知，订单入账。",
    ),
    "storm": Scenario(
        storm,
        "Storm",
        "通知风暴",
        "Answers SUCCESS to 300 notifies for 100 orders, 64 at a time, and books each order once.",
        "100 个订单的 300 次通知（同时至多 64 次）都应答 SUCCESS，每单只入账一次。",
        needs_key=True,
        takes_order=False,
    ),
    "amount_plus_one": Scenario(
        money.amount_plus_one,
        "One fen too much",
        "金额多一分",
        "Answers FAIL, leaves the order, raises amount_mismatch with both amounts.",
        "应答 FAIL，订单不变，告警 amount_mismatch。",
    ),
    "negative": Scenario(
        money.negative,
        "Negative total",
        "负数金额",
        "Answers FAIL, leaves the order, raises negative_total.",
        "应答 FAIL，订单不变，告警 negative_total。",
    ),
    "tampered": Scenario(
        proof.tampered,
        "Tampered amount",
        "篡改金额",
        "Signed for one fen, changed on the way to the order's amount: answers "
        "FAIL, leaves the order, raises bad_signature.",
        "按一分钱签名、途中被改成订单金额：应答 FAIL，订单不变，告警 bad_signature。",
    ),
    "wrong_signature": Scenario(
        proof.wrong_signature,
        "Bad signature",
        "伪造签名",
        "Answers FAIL, leaves the order, raises bad_signature.",
        "应答 FAIL，订单不变，告警 bad_signature。",
    ),
    "other_merchant": Scenario(
        proof.other_merchant,
        "Another merchant's notify",
        "其他商户的通知",
        "Another number or app under our key raises foreign_merchant, "
        "another's key bad_signature; FAIL each time, and the order stays.",
        "用我方密钥签名的其他商户号或 appid 告警 foreign_merchant，他方密钥告警 bad_signature；"
        "均应答 FAIL，订单不变。",
    ),
    "unknown_order": Scenario(
        money.unknown_order,
        "An order that is not ours",
        "订单不存在",
        "Answers FAIL, raises missing_order.",
        "应答 FAIL，告警 missing_order。",
        takes_order=False,
    ),
    "second_transaction": Scenario(
        money.second_transaction,
        "Paid twice",
        "重复支付",
        "Answers FAIL to the second transaction, keeps the first, raises illegal_transition.",
        "第二笔交易应答 FAIL，保留第一笔，告警 illegal_transition。",
    ),
    "after_close": Scenario(
        money.after_close,
        "Money after closing",
        "关单后到账",
        "Answers FAIL, leaves the order CLOSED, raises illegal_transition.",
        "应答 FAIL，订单保持 CLOSED，告警 illegal_transition。",
        needs_key=True,
    ),
    "garbage_answer": Scenario(
        answers.garbage_answer,
        "WeChat's answer cannot be read",
        "微信应答无法解析",
        *_UNTRUSTED,
    ),
    "unsigned_answer": Scenario(
        answers.unsigned_answer,
        "WeChat's answer is not signed",
        "微信应答未签名",
        *_UNTRUSTED,
    ),
    "wrong_signature_answer": Scenario(
        answers.wrong_signature_answer,
        "WeChat's answer is wrongly signed",
        "微信应答签名错误",
        *_UNTRUSTED,
    ),
    "error_500": Scenario(
        answers.error_500,
        "WeChat's server fails",
        "微信服务器错误",
        *_UNREACHABLE,
    ),
    "lost_answer": Scenario(
        answers.lost_answer,
        "WeChat's answer is lost",
        "微信应答丢失",
        *_UNREACHABLE,
    ),
}
