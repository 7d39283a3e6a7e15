"""The one English sentence of each cause, for the API and the log. Whatever speaks another language
makes its own words from code and values."""

from __future__ import annotations

from payments.causes import Cause, CauseValues, Value

_AMOUNT = "{field} must be the amount of the order, to the fen."
_OURS = "The merchant and app of a notify must be ours."
_OF_ORDER = "The merchant and app of a notify must be those of the order."
_ASKED_FOR = "The merchant and app of WeChat's answer must be those that we asked for."
_SIGNED = "A notify must carry a signature made with our key."
_ANSWER_SIGNED = "An answer of WeChat's must carry a signature made with our key."

SENTENCES: dict[Cause, str] = {
    Cause.FOREIGN_MCH_ID: _OURS,
    Cause.FOREIGN_APP_ID: _OURS,
    Cause.ORDER_MCH_ID: _OF_ORDER,
    Cause.ORDER_APP_ID: _OF_ORDER,
    Cause.PARTNER_PAYMENT: (
        "This is a payment for a merchant below ours; service-provider mode is not served."
    ),
    Cause.ODD_RESULT: "A result is SUCCESS or FAIL; WeChat knows no other word.",
    Cause.FIELD_MISSING: "A payment result must carry a usable {field}.",
    Cause.MESSAGE_TOO_LARGE: (
        "A signed payment result has more fields, or a longer value, than any that we read: query "
        "WeChat for the order, and report the message."
    ),
    Cause.MISSING_ORDER: "The order number must be one of ours.",
    Cause.NEGATIVE_TOTAL: "No amount of a payment may be negative.",
    Cause.AMOUNT_SHORT: _AMOUNT,
    Cause.AMOUNT_OVER: _AMOUNT,
    Cause.AMOUNT_MISSING: _AMOUNT,
    Cause.AMOUNT_UNREADABLE: _AMOUNT,
    Cause.CURRENCY_DIFFERS: "{field} must be the currency of the order.",
    Cause.REUSED_TRANSACTION: "Reused id: this transaction is booked on order {bookedOn}.",
    Cause.PAID_TWICE: "Paid twice: the order is paid by another transaction.",
    Cause.LATE_MONEY: "Late money: an order that is {status} cannot become PAID.",
    Cause.GIVEN_BACK: "Given back: this payment was sent back to the buyer, so it pays no order.",
    Cause.NUMBER_USED_BEFORE: (
        "Number used before: WeChat dates this payment {paidAt}, before the order was made."
    ),
    Cause.REFUND_FOREIGN_MCH_ID: (
        "The merchant of a refund result must be ours, and that of the refund."
    ),
    Cause.REFUND_UNKNOWN: "The refund number must be one of ours.",
    Cause.REFUND_OTHER_ORDER: "A refund result must name the order of the refund.",
    Cause.REFUND_OTHER_TRANSACTION: "A refund result must name the transaction of the refund.",
    Cause.REFUND_NEGATIVE: "No amount of a refund may be negative.",
    Cause.REFUND_EXCESS: "No more may go back than was paid and asked for.",
    Cause.REFUND_AMOUNT_DIFFERS: (
        "The amount of a refund result must be that of the refund, to the fen."
    ),
    Cause.REFUND_AMOUNT_UNREADABLE: (
        "The amount of a refund result must be that of the refund, to the fen."
    ),
    Cause.REFUND_TOTAL_DIFFERS: "The total of a refund result must be what was paid, to the fen.",
    Cause.REFUND_ODD_STATE: "WeChat's word for the state of a refund must be one that it has.",
    Cause.REFUND_ILLEGAL_MOVE: "A refund that is {before} cannot become {after}.",
    Cause.REFUND_ABNORMAL: (
        "WeChat could not deliver this refund: the buyer's account cannot take it. Have it paid to "
        "the merchant's bank account on the order's page (API v3) or act on WeChat's merchant "
        "platform; when the buyer got the money another way, end it with a reason."
    ),
    Cause.REFUNDS_EXCEED_PAYMENT: (
        "All refunds of a payment together may not be more than was paid."
    ),
    Cause.REFUND_AFTER_ALL: "Money went back with a refund that we took for {before}.",
    Cause.REFUND_UNCONFIRMED: "WeChat's answer must confirm what the refund notify said.",
    Cause.REFUND_FORGOTTEN: "WeChat must know a refund that it has taken.",
    Cause.REFUND_UNFINISHED: (
        "WeChat has not finished a refund in a month, and is asked about it once a day from now "
        "on: look it up on the merchant platform."
    ),
    Cause.REFUND_TAKEN_AFTER_ALL: (
        "WeChat has taken a refund that we took for {before}: its amount is reserved again."
    ),
    Cause.REFUND_NO_BALANCE: (
        "The merchant account has too little money for this refund ({code}: {words}): recharge "
        "it on the merchant platform; the same number is sent again by itself."
    ),
    Cause.REFUND_NO_WAY_BACK: (
        "WeChat cannot give the money back the way it came ({code}: {words}): agree on another "
        "way with the buyer, and end this refund with the reason."
    ),
    Cause.REFUND_NOT_PERMITTED: (
        "WeChat's answers to this refund are refusals of our request ({code}: {words}): see "
        "`paywatch check`, the merchant platform's limits and its list of refund addresses. The "
        "same number is sent again by itself."
    ),
    Cause.REFUND_NOT_TAKEN: (
        "WeChat has refused this refund several times ({code}: {words}). The same number is sent "
        "again by itself; if WeChat has no such refund, an admin can end it with a reason."
    ),
    Cause.REFUND_UNLISTED: (
        "WeChat says money went back and does not say how much: look the payment up on the "
        "merchant platform, and enter what went back on the order's page."
    ),
    Cause.SIGNATURE_MISSING: _SIGNED,
    Cause.SIGNATURE_WRONG: _SIGNED,
    Cause.SIGNATURE_AMBIGUOUS: _SIGNED,
    Cause.SIGNATURE_STALE: _SIGNED,
    Cause.SIGNATURE_UNKNOWN_SERIAL: _SIGNED,
    Cause.SIGNATURE_PUBLIC_KEY: _SIGNED,
    Cause.SIGNATURE_SEALED: _SIGNED,
    Cause.SIGNATURE_ALGORITHM: _SIGNED,
    Cause.REFUND_NOTIFY_UNREADABLE: (
        "WeChat tells of refunds made on its merchant platform in the format of API v2, and "
        "the account has no API v2 key to read them: set PAYWATCH_WECHAT_API_V2_KEY and restart."
    ),
    Cause.ANSWER_UNPROVEN: _ANSWER_SIGNED,
    Cause.ANSWER_UNKNOWN_SERIAL: _ANSWER_SIGNED,
    Cause.ANSWER_ODD_STATE: (
        "WeChat names a state of an order that its manual does not have ({word}): the order stays "
        "open and is asked about again. Look it up on the merchant platform."
    ),
    Cause.ANSWER_FOREIGN_MCH_ID: _ASKED_FOR,
    Cause.ANSWER_FOREIGN_APP_ID: _ASKED_FOR,
    Cause.KEY_REFUSED: (
        "WeChat finds our signature wrong: the key of API {api} ({setting}) is not the one "
        "that the merchant platform has. Set the right one and restart."
    ),
    Cause.NOT_ALLOWED: (
        "The merchant may not use this kind of payment: apply for it on the merchant "
        "platform (product center)."
    ),
    Cause.APP_UNKNOWN: "WeChat does not know PAYWATCH_WECHAT_APP_ID: correct it and restart.",
    Cause.MERCHANT_UNKNOWN: "WeChat does not know PAYWATCH_WECHAT_MCH_ID: correct it and restart.",
    Cause.APP_NOT_BOUND: (
        "The app is not bound to the merchant number: bind it on the merchant platform (app "
        "id management), or correct PAYWATCH_WECHAT_APP_ID."
    ),
    Cause.RECEIVING_RESTRICTED: (
        "WeChat's rules stop this merchant's payments (RULE_LIMIT): read WeChat's words in the "
        "evidence, lift the restriction on the merchant platform, or ask WeChat Pay's support."
    ),
    Cause.UNSIGNED_FAIL: (
        "A call to WeChat was answered with a FAIL that nothing signs: WeChat could not read the "
        "request, or a server on the way answered. Mend what its words in the evidence name."
    ),
    Cause.CLIENT_CERTIFICATE_UNUSABLE: (
        "The merchant's own certificate cannot be shown to WeChat, so no refund is sent: "
        "`paywatch check` says what is wrong with PAYWATCH_WECHAT_CLIENT_CERT."
    ),
    Cause.OWN_KEY_MISSING: (
        "API v3 needs our own key to sign with, so nothing is sent: set "
        "PAYWATCH_WECHAT_MERCHANT_KEY and PAYWATCH_WECHAT_MERCHANT_SERIAL and restart."
    ),
    Cause.WECHAT_CERTIFICATE_INVALID: (
        "The server at PAYWATCH_WECHAT_BASE_URL has no valid certificate, so nothing is "
        "sent: check that address, DNS, the clock and the machine's certificates."
    ),
    Cause.WECHAT_SLOW: (
        "WeChat answers so slowly that prepays are refused (busy): all sixteen calls at once "
        "are taken. Look whether WeChat or the line to it is slow."
    ),
    Cause.WECHAT_SILENT: (
        "{calls} calls to WeChat in a row brought no answer that proves to be WeChat's: "
        "check the line, DNS and PAYWATCH_WECHAT_BASE_URL."
    ),
    Cause.WECHAT_REFUSES: (
        "WeChat refuses our questions about open orders, {calls} and more in a row: payments "
        "whose notify is lost are not found meanwhile. It is asked again by itself; if it goes "
        "on, look up the code in WeChat's manual."
    ),
    Cause.ACCOUNT_NOT_CONFIGURED: (
        "Account {account} has open orders or refunds and is not configured, so WeChat is "
        "not asked about them: set it again, with its keys, until they are over."
    ),
    Cause.WECHAT_KEY_MISSING: (
        "No key of WeChat's is known for account {account}, so what it sends on API v3 is "
        "refused: set WeChat's public key and its id, or see `paywatch check`."
    ),
    Cause.COMPLAINT_TOLD: (
        "WeChat tells of complaint {complaint} to account {account} ({action}): answer it by the "
        "end of the next day, and settle it by the end of the third, on the complaints page, or on "
        "the merchant platform while WeChat does not give its text."
    ),
    Cause.COMPLAINT_REPLY_DUE: (
        "Complaint {complaint} to account {account} has no answer: answer the buyer by 24:00 of "
        "{day}, China time."
    ),
    Cause.COMPLAINT_USER_WAITS: (
        "The buyer of complaint {complaint} to account {account} wrote again and waits: answer, "
        "and finish it by 24:00 of {day}, China time."
    ),
    Cause.COMPLAINT_FINISH_DUE: (
        "Complaint {complaint} to account {account} was answered and is not finished: finish it by "
        "24:00 of {day}, China time."
    ),
    Cause.COMPLAINT_OVERDUE: (
        "Complaint {complaint} to account {account} is late: it was due by 24:00 of {day}, China "
        "time. Answer and finish it now; WeChat counts the delay."
    ),
    Cause.COMPLAINTS_UNREAD: (
        "WeChat's list of complaints to account {account} cannot be read ({problem}), so one whose "
        "notify is lost is not found: look on the merchant platform meanwhile. It is tried again "
        "by itself."
    ),
    Cause.BILL_DIFFERS: (
        "WeChat's bill of {date} for account {account} and the books differ: {difference}, {count} "
        "times. Open the day on the reconciliation page."
    ),
    Cause.BILL_NOT_THERE: (
        "WeChat's bill of {date} for account {account} could not be matched ({problem}): open the "
        "day on the reconciliation page, or drop the downloaded file there."
    ),
    Cause.REDIS_AWAY: "Redis is away; payments go on without its lock.",
    Cause.NOTIFIES_LATE: (
        "Notify p95 is {p95Ms} over five minutes, the limit {limitMs}: check load and "
        "network; if it goes on for ten minutes, ask WeChat Pay."
    ),
    Cause.NOTIFIES_SILENT: (
        "No notify for {minutes} min; usual are about {usual}: check address, TLS and "
        "firewall (`paywatch check`). Open orders are asked about by themselves."
    ),
    Cause.NOTIFIES_MISSED: (
        "No notify for {minutes} min; {found} payments were found by asking: check address, "
        "TLS and firewall (`paywatch check`). Open orders are asked about by themselves."
    ),
    Cause.PAYMENTS_FAILING: (
        "Success is {percent}% over five minutes ({paid} paid, {failed} failed), below "
        "{limitPercent}%: see the reasons of the failures."
    ),
    Cause.PREPAYS_REFUSED: (
        "WeChat refused {refused} of {all} prepays within {minutes} min, the latest with {code}: "
        "buyers cannot pay. Read its words in the evidence, and ask WeChat Pay's support with "
        "the Request-ID if they do not say what to mend."
    ),
    Cause.WECHAT_CERTIFICATE_ENDS: (
        "WeChat's platform certificate of account {account} ends in {days} days, and with it "
        "the proof of every notify: see that the next one can be fetched, or use WeChat's "
        "public key."
    ),
    Cause.OUR_CERTIFICATE_ENDS: (
        "Our API certificate of account {account} ends in {days} days, and with it refunds: "
        "get a new one on the merchant platform, set it and restart."
    ),
    Cause.CHANNEL_BROKEN: (
        "Alerts do not leave by the channel {channel} ({reason}): send a test from the "
        "settings page, and check PAYWATCH_NOTIFY_URLS."
    ),
    Cause.NOTIFIES_UNREADABLE: (
        "{count} notifies from {source} could not be read within ten minutes, and WeChat sends "
        "none such: see with `paywatch check` whether a gateway, CDN or WAF changes them."
    ),
    Cause.NOTIFIES_TOO_LARGE: (
        "{count} notifies from {source} were larger than 64 KiB within ten minutes and were "
        "refused unread, and WeChat sends none such: see whether a gateway, CDN or WAF changes "
        "them. If they are WeChat's, report it; payments are found by asking meanwhile."
    ),
    Cause.DATABASE_FILE_GONE: (
        "{file} was removed or replaced under the service, so nothing is taken: put the very "
        "file back, or stop the service, see what is missing, and start it again."
    ),
    Cause.CLOCK_OFF: (
        "The clock of {host} and WeChat's are {seconds} s apart; WeChat refuses what is signed "
        "more than 300 s off. Let the machine keep time (NTP); nothing old is deleted meanwhile."
    ),
    Cause.CLOCK_OFF_DATABASE: (
        "The clock of {host} and that of the database server are {seconds} s apart: let both "
        "keep time (NTP); nothing old is deleted meanwhile."
    ),
    Cause.CLOCK_WENT_BACK: (
        "The newest event is {seconds} s later than the clock of {host}: the clock was ahead "
        "then, or is behind now. Compare it, and let the machine keep time (NTP)."
    ),
    Cause.CLOCK_JUMPED: (
        "The clock of {host} jumped by {seconds} s at once: see that the machine keeps time "
        "(NTP) and was not paused; nothing old is deleted until it agrees with WeChat's."
    ),
    Cause.TIMES_AHEAD: (
        "{orders} orders were dated up to {minutes} min later than now, by a clock that was ahead: "
        "each was set back and has its time to pay from now on. Payments of that time that were "
        "refused as older than their order are booked when WeChat sends them again, or ask WeChat."
    ),
    Cause.TIMES_BEHIND: (
        "{orders} open orders were made by a clock that was up to {minutes} min behind, and looked "
        "expired: each has its whole time to pay from now on."
    ),
    Cause.ORDERS_NOT_ASKED: (
        "{count} open orders have been due for a question to WeChat for up to {minutes} min: see "
        "whether WeChat answers, else restart the service."
    ),
    Cause.REFUNDS_NOT_ASKED: (
        "{count} refunds have been due for a question to WeChat for up to {minutes} min: see "
        "whether WeChat answers, else restart the service."
    ),
    Cause.PREPAYS_UNWATCHED: (
        "{count} prepays brought no answer, and WeChat is not asked about their orders, the oldest "
        "for {minutes} min: run `paywatch reconcile --once`."
    ),
    Cause.MESSAGES_NOT_SENT: (
        "{count} alert messages have been due for up to {minutes} min and were not sent: see the "
        "log for the channel, else restart the service."
    ),
    Cause.RECEIPTS_NOT_DECIDED: (
        "{count} unmatched payments wait for an admin, the oldest for {minutes} min: decide them."
    ),
    Cause.SEARCH_BURST: "{by} searched {count} times for phones or openids in {minutes} min.",
    Cause.SIGN_IN_ATTACK: "{count} wrong passwords for {account} in an hour: see the audit log.",
    Cause.APPROVAL_WAITS: "{amount} yuan wait for another admin, as {by} asked: decide it.",
    Cause.KEY_REFUND_WAITS: "A refund of {amount} yuan by the API key {key} waits for two admins.",
}
"""The fault in one sentence; the names in braces are the values that the code comes with."""


def sentence(cause: Cause, values: CauseValues) -> str:
    """The English sentence of a cause. Raises KeyError when a value is missing."""
    return fill(SENTENCES[cause], values)


def fill(template: str, values: CauseValues) -> str:
    """A sentence with its values as people read them. Raises KeyError when one is missing."""
    return template.format_map({name: _shown(name, value) for name, value in values.items()})


def _shown(name: str, value: Value) -> Value:
    return f"{int(value) / 1000:.1f} s" if name.endswith("Ms") else value
