"""The scenarios by name: they test the product."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from simulator.scenarios import answers, bills, delivery, money, proof, proof_v3, refunds
from simulator.scenarios.actions import ScenarioPlay
from simulator.scenarios.storm import storm

Story = Callable[[ScenarioPlay, str | None], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    story: Story
    title: str
    title_zh: str
    expects: str
    """The expected behaviour of the product, in a sentence."""
    expects_zh: str
    needs_key: bool = False
    """Cannot be played without the shop's API key, even when an order number is given."""
    needs_v3: bool = False
    """Only for a merchant whose calls go to API v3."""
    takes_order: bool = True
    """False: makes what it needs, whatever order number is given."""
    chooses: tuple[str, ...] = ()
    """The options of a caller beside the order's amount; see simulator/scenarios/options.py."""
    max_s: float = 120.0

    @property
    def takes(self) -> tuple[str, ...]:
        return (*(("totalFen",) if self.takes_order else ()), *self.chooses)


_UNTRUSTED = (
    "The prepay says wechat_untrusted; a repeat sends the same parameters and gets the prepay.",
    "下单返回 wechat_untrusted；重试发送相同参数并取得下单结果。",
)
_UNREACHABLE = (
    "The prepay says wechat_unreachable; a repeat sends the same parameters and gets the prepay.",
    "下单返回 wechat_unreachable；重试发送相同参数并取得下单结果。",
)
_UNPROVEN_V3 = (
    "Answers 401, leaves the order, raises bad_signature; books the good notify that follows.",
    "应答 401，订单不变，告警 bad_signature；随后的正确通知入账。",
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
        "Answers SUCCESS to each and books once.",
        "每次都应答 SUCCESS，只入账一次。",
        chooses=("times",),
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
        "Leaves the order WAIT_PAY though WeChat's query says SUCCESS, until it asks by itself, "
        "within 45 seconds; then it books the order once.",
        "没有收到通知，订单保持 WAIT_PAY（微信查单为 SUCCESS），"
        "直到系统在 45 秒内主动查单，入账一次。",
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
        "Answers SUCCESS to every good notify of a storm and books each order once; answers "
        "FAIL to every wrong amount.",
        "风暴中的正确通知都应答 SUCCESS，每单只入账一次；金额不对的都应答 FAIL。",
        needs_key=True,
        takes_order=False,
        chooses=("perSecond", "seconds", "anomalyShare"),
        max_s=240.0,
    ),
    "wrong_amount": Scenario(
        money.wrong_amount,
        "Wrong amount",
        "金额不符",
        "The notify names one hundredth of the due amount, or what is given: answers FAIL, leaves "
        "the order, raises amount_mismatch with both amounts.",
        "通知金额是应付的 1%，或填写的金额：应答 FAIL，订单不变，告警 amount_mismatch。",
        chooses=("notifyFen",),
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
    "old_number": Scenario(
        money.old_number,
        "A number used before",
        "订单号以前用过",
        "WeChat tells a payment of a year ago: answers FAIL, leaves the order, raises "
        "illegal_transition.",
        "微信通知的是一年前的支付：应答 FAIL，订单不变，告警 illegal_transition。",
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
    "refund_partial": Scenario(
        refunds.refund_partial,
        "Partial refund",
        "部分退款",
        "Asks WeChat once, also when the shop asks twice; ends PARTIALLY_REFUNDED.",
        "商户重复请求也只向微信申请一次退款；订单变为 PARTIALLY_REFUNDED。",
        needs_key=True,
    ),
    "refund_full": Scenario(
        refunds.refund_full,
        "Full refund",
        "全额退款",
        "Ends REFUNDED, and refunds not one fen more.",
        "订单变为 REFUNDED，之后一分钱也不再退。",
        needs_key=True,
    ),
    "refund_abnormal": Scenario(
        refunds.refund_abnormal,
        "Refund cannot be delivered",
        "退款异常",
        "Raises refund_anomaly and stays REFUNDING; when WeChat says SUCCESS after all, "
        "ends REFUNDED.",
        "告警 refund_anomaly，订单保持 REFUNDING；微信最终成功后变为 REFUNDED。",
        needs_key=True,
    ),
    "refund_lost_answer": Scenario(
        refunds.refund_lost_answer,
        "WeChat's answer to a refund is lost",
        "退款应答丢失",
        "Asks again under the same number, so WeChat pays back once; ends REFUNDED.",
        "用同一退款单号重试，微信只退一次；订单变为 REFUNDED。",
        needs_key=True,
    ),
    "outside_refund": Scenario(
        refunds.outside_refund,
        "Refund on WeChat's platform",
        "在微信平台退款",
        "Somebody refunds on the merchant platform: asks WeChat, records the refund as WeChat's "
        "own, ends PARTIALLY_REFUNDED and then REFUNDED.",
        "有人在商户平台退款：向微信核实，记为平台退款，"
        "订单变为 PARTIALLY_REFUNDED，再变为 REFUNDED。",
        needs_key=True,
    ),
    "outside_refund_lost": Scenario(
        refunds.outside_refund_lost,
        "Payment and refund both untold",
        "付款与退款都没有通知",
        "WeChat's query says REFUND: books the payment, asks for its refunds and ends REFUNDED; "
        "without an API v2 key raises refund_anomaly.",
        "微信查单说 REFUND：先入账，再查退款，订单变为 REFUNDED；"
        "没有 API v2 密钥时告警 refund_anomaly。",
        needs_key=True,
    ),
    "late_money_refund": Scenario(
        refunds.late_money_refund,
        "Late money goes back",
        "迟到款项退回",
        "Keeps money that came after closing as an unmatched payment; when an admin decides to "
        "refund it, within half a minute, the whole goes back.",
        "关单后到账的钱记为未对上的款项；管理员在半分钟内决定退款时，全额退回。",
        needs_key=True,
    ),
    "bill_unheard_payment": Scenario(
        bills.unheard_payment,
        "Paid, and told by the bill alone",
        "只有账单才知道的付款",
        "Leaves the order WAIT_PAY: no notify comes, and queries say NOTPAY until the bill of the "
        "day is made; the bill shows missing_here.",
        "订单保持 WAIT_PAY：没有通知，查单一直是 NOTPAY，直到当天的账单生成；"
        "账单显示 missing_here。",
    ),
    "bill_outside_refund": Scenario(
        bills.outside_refund,
        "Refund told by the bill alone",
        "只有账单才知道的退款",
        "Leaves the order PAID: a part went back on WeChat's platform and its notify is lost; the "
        "bill of the day shows refund_missing_here.",
        "订单保持 PAID：在微信平台退了一部分且通知丢失；当天的账单显示 refund_missing_here。",
    ),
    "bill_wrong_fee": Scenario(
        bills.wrong_fee,
        "Wrong fee",
        "手续费算错",
        "Books the order; the bill of the day takes ten fen too much and shows fee_differs.",
        "订单入账；当天的账单多收一角手续费，显示 fee_differs。",
    ),
    "bill_double_booking": Scenario(
        bills.double_booking,
        "Booked twice at WeChat",
        "微信重复记账",
        "Books the order once; the bill of the day has its payment twice and shows duplicate_row.",
        "订单只入账一次；当天的账单把这笔付款记了两次，显示 duplicate_row。",
    ),
    "v3_probe": Scenario(
        proof_v3.v3_probe,
        "Probe of the signature",
        "验签探测",
        "Answers 401 to WeChat's probe without an alert, and books the good notify that follows.",
        "对微信的探测流量应答 401 且不告警，随后的正确通知入账。",
        needs_v3=True,
    ),
    "v3_unknown_serial": Scenario(
        proof_v3.v3_unknown_serial,
        "Signed with an unknown key",
        "未知证书序列号",
        *_UNPROVEN_V3,
        needs_v3=True,
    ),
    "v3_stale": Scenario(
        proof_v3.v3_stale,
        "Signed ten minutes ago",
        "时间戳过期",
        *_UNPROVEN_V3,
        needs_v3=True,
    ),
    "v3_wrong_tag": Scenario(
        proof_v3.v3_wrong_tag,
        "Sealed content was changed",
        "密文校验失败",
        *_UNPROVEN_V3,
        needs_v3=True,
    ),
}
