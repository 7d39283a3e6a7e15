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
    needs_key: bool = False
    """Cannot be played without the shop's API key, even when an order number is given."""
    takes_order: bool = True
    """False: makes what it needs, whatever order number is given."""


SCENARIOS: dict[str, Scenario] = {
    "paid": Scenario(money.paid, "Successful payment", "支付成功"),
    "duplicate": Scenario(money.duplicate, "Duplicate notify", "重复通知"),
    "concurrent_duplicate": Scenario(
        delivery.concurrent_duplicate, "Duplicates at the same moment", "并发重复通知"
    ),
    "late": Scenario(delivery.late, "Late notify", "通知迟到"),
    "never": Scenario(delivery.never, "Notify never comes", "通知丢失"),
    "out_of_order": Scenario(delivery.out_of_order, "Out of order", "乱序到达"),
    "slow": Scenario(delivery.slow, "Slow network", "网络缓慢"),
    "storm": Scenario(storm, "Storm", "通知风暴", needs_key=True, takes_order=False),
    "amount_plus_one": Scenario(money.amount_plus_one, "One fen too much", "金额多一分"),
    "negative": Scenario(money.negative, "Negative total", "负数金额"),
    "tampered": Scenario(proof.tampered, "Tampered amount", "篡改金额"),
    "wrong_signature": Scenario(proof.wrong_signature, "Bad signature", "伪造签名"),
    "other_merchant": Scenario(proof.other_merchant, "Another merchant's notify", "其他商户的通知"),
    "unknown_order": Scenario(
        money.unknown_order, "An order that is not ours", "订单不存在", takes_order=False
    ),
    "second_transaction": Scenario(money.second_transaction, "Paid twice", "重复支付"),
    "after_close": Scenario(money.after_close, "Money after closing", "关单后到账", needs_key=True),
    "garbage_answer": Scenario(
        answers.garbage_answer, "WeChat's answer cannot be read", "微信应答无法解析"
    ),
    "unsigned_answer": Scenario(
        answers.unsigned_answer, "WeChat's answer is not signed", "微信应答未签名"
    ),
    "wrong_signature_answer": Scenario(
        answers.wrong_signature_answer, "WeChat's answer is wrongly signed", "微信应答签名错误"
    ),
    "error_500": Scenario(answers.error_500, "WeChat's server fails", "微信服务器错误"),
    "lost_answer": Scenario(answers.lost_answer, "WeChat's answer is lost", "微信应答丢失"),
}
