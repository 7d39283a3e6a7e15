// The order page in English: the answer, the reasons, what to tell the customer. Same keys as zh/order.js.
const CHECKING =
  'Hello, the payment of this order ({amount}) is not confirmed yet. We are checking with WeChat Pay ' +
  'and will reply as soon as we know.';
const BACK = 'It usually arrives in 1–3 working days; WeChat Pay will notify you.';

export default {
  'ans.title': 'The answer',
  'ans.say': 'Tell the customer',
  'ans.copy.zh': 'Copy Chinese',
  'ans.copy.en': 'Copy English',
  'ans.said': 'Copied for the customer',
  'ans.check': 'Check',
  'ans.expected': 'Expected',
  'ans.actual': 'Received',
  'ans.next': 'Do next: ',
  'ans.asked': 'WeChat at {time}: {outcome}',
  'ans.askAt': 'WeChat will be asked again automatically at {time}.',

  'ans.never_opened.state': 'Not paid: placed at {created}, and the customer has not opened the payment page.',
  'ans.never_opened.say':
    'Hello, this order ({amount}) has not been paid yet. Please open the payment page again and pay before {expires}.',
  'ans.payment_unknown.state':
    'Not known yet: the payment page was opened at {time} ({trade}), and WeChat has told no result since.',
  'ans.payment_unknown.say':
    'Hello, WeChat has not told us the result of the payment of this order ({amount}) yet. If you have paid, please ' +
    'wait while we ask WeChat; otherwise please pay before {expires}.',
  'ans.not_paid.state': 'Not paid: WeChat said at {time} that it holds no payment.',
  'ans.not_paid.say':
    'Hello, we have not received the payment of this order ({amount}) yet. If you have paid, please send us a ' +
    'screenshot of the WeChat Pay bill; otherwise please pay before {expires}.',
  'ans.expired.state':
    'The time to pay ended at {expires} and no result has come; after a query to WeChat it closes or is booked.',
  'ans.expired.say':
    'Hello, the time to pay this order ({amount}) is over and we have not received a payment. If you have paid, ' +
    'please send us a screenshot of the WeChat Pay bill; otherwise please place a new order.',
  'ans.prepay_refused.state': 'Could not pay: WeChat refused the order at {time} ({wechat}).',
  'ans.prepay_refused.say':
    'Hello, the payment page of this order ({amount}) cannot be opened at the moment. We are working on it, please ' +
    'try again a little later.',
  'ans.prepay_refused.say.new_order':
    'Hello, this order ({amount}) can no longer be paid, and we received nothing for it. Please place a new order.',
  'ans.prepay_unanswered.state': 'Could not pay: at {time} WeChat gave no answer that can be trusted.',
  'ans.prepay_unanswered.say':
    'Hello, the payment page of this order ({amount}) cannot be opened at the moment. Please open it again a ' +
    'little later.',
  'ans.payment_failed.state': 'The payment failed at {time}: {wechat}.',
  'ans.payment_failed.say':
    'Hello, the payment of this order ({amount}) did not succeed and we received nothing. Please pay again before ' +
    '{expires}, perhaps another way.',

  'ans.amount_mismatch.state': 'Not booked: the amount at WeChat is not the amount of the order.',
  'ans.amount_mismatch.state.refunding': 'Not booked: the wrong amount {money} is going back to the customer.',
  'ans.amount_mismatch.state.refunded': 'Not booked: the wrong amount {money} went back to the customer.',
  'ans.amount_mismatch.state.accepted': 'Not booked: the wrong amount {money} is kept by decision; the order stays.',
  'ans.amount_mismatch.say':
    'Hello, the payment we received is not the amount of the order ({amount}), so the order is not complete yet. ' +
    'We are checking and will reply soon.',
  'ans.amount_mismatch.say.refunding':
    'Hello, you paid {money} and the order is {amount}; your payment is being refunded the way it came. ' + BACK,
  'ans.amount_mismatch.say.refunded':
    'Hello, you paid {money} and the order is {amount}; your payment has been refunded the way it came. Please ' +
    'place a new order if you still need it.',
  'ans.amount_mismatch.say.accepted': 'Hello, we have received your {money} and will contact you about it.',
  'ans.negative_total.state': 'Not booked: the amount in the notify is negative.',
  'ans.negative_total.say': CHECKING,
  'ans.foreign_merchant.state': 'Not booked: the notify names another merchant or app than the order.',
  'ans.foreign_merchant.say': CHECKING,
  'ans.currency_differs.state': 'Not booked: the payment is in {currency}, the order in yuan.',
  'ans.currency_differs.say': CHECKING,
  'ans.notify_incomplete.state': 'Not booked: the notify lacks a field that it must have.',
  'ans.notify_incomplete.say': CHECKING,
  'ans.odd_result.state': 'Not booked: WeChat has no result word like the one in the notify.',
  'ans.odd_result.say': CHECKING,
  'ans.bad_signature.state':
    'Not booked: somebody sent this order number with a wrong signature; it proves no payment.',
  'ans.bad_signature.say': CHECKING,
  'ans.late_money.state': 'Paid after the order was closed: {money} is at WeChat and waits for a decision.',
  'ans.late_money.state.proposed': 'Paid after the order was closed: {money}; a decision waits for a second admin.',
  'ans.late_money.state.refunding': 'Paid after the order was closed: {money} is going back to the customer.',
  'ans.late_money.state.refunded': 'Paid after the order was closed: {money} went back to the customer.',
  'ans.late_money.state.accepted': 'Paid after the order was closed: {money} is kept by decision; the order stays.',
  'ans.late_money.say':
    'Hello, we have received your payment of {money}, but the order was already closed. We are working on it and ' +
    'will contact you soon.',
  'ans.late_money.say.refunding':
    'Hello, your payment of {money} came after the order was closed and is being refunded the way it came. ' + BACK,
  'ans.late_money.say.refunded':
    'Hello, your payment of {money} came after the order was closed and has been refunded the way it came. Please ' +
    'place a new order if you still need it.',
  'ans.late_money.say.accepted': 'Hello, we have received your {money} and will contact you about it.',
  'ans.early_money.state': 'WeChat had {money} under this number before the order was placed; it waits for a decision.',
  'ans.early_money.say': CHECKING,
  'ans.number_used_before.state':
    'Not paid: WeChat used this number before, and holds {money} for it from {earlier}. Take a new number.',
  'ans.number_used_before.state.accepted':
    'Not paid: WeChat used this number before; the {money} from then stays as it is. Take a new number.',
  'ans.number_used_before.say':
    'Hello, your order has not been paid yet. We will send you a new payment, please pay by that one.',
  'ans.paid_twice.state': 'Paid, and paid again: the second {money} waits for a decision.',
  'ans.paid_twice.state.proposed': 'Paid twice: a decision about the second {money} waits for a second admin.',
  'ans.paid_twice.state.refunding': 'Paid; the second payment of {money} is going back.',
  'ans.paid_twice.say':
    'Hello, this order was paid at {paid}, and we received another {money} from you. We are checking the extra ' +
    'payment and will settle it soon.',
  'ans.paid_twice.say.refunding':
    'Hello, this order was paid at {paid}; your extra payment of {money} is being refunded the way it came. ' + BACK,
  'ans.reused_transaction.state': 'Not booked: the WeChat transaction of this payment was used elsewhere already.',
  'ans.reused_transaction.say': CHECKING,
  'ans.closed_expired.state': 'Not paid: the order expired and was closed at {time}.',
  'ans.closed_expired.say':
    'Hello, the time to pay this order ({amount}) was over, so it was closed at {time}; we received no payment. ' +
    'Please place a new order if you still need it.',
  'ans.closed.state': 'Not paid: the order was closed at {time}.',
  'ans.closed.say':
    'Hello, this order ({amount}) was closed at {time}; we received no payment. Please place a new order if you ' +
    'still need it.',

  'ans.refund_requested.state': 'Paid; a refund of {money} waits for an admin.',
  'ans.refund_requested.say':
    'Hello, your request for a refund of {money} has been handed in and is being reviewed. We will tell you the ' +
    'result soon.',
  'ans.refund_sent.state': 'Paid; a refund of {money} is approved and waits for WeChat.',
  'ans.refund_sent.say':
    'Hello, your refund of {money} is in progress and not yet confirmed by WeChat Pay. We will tell you as soon as ' +
    'it is.',
  'ans.refund_underway.state': 'Paid; WeChat has taken the refund of {money}, which has not arrived yet.',
  'ans.refund_underway.say':
    'Hello, your refund of {money} was handed in at {time} and returns the way it came. ' + BACK,
  'ans.refund_stuck.state': "The refund of {money} is stuck: the customer's account cannot take it.",
  'ans.refund_stuck.say':
    'Hello, your refund of {money} could not be returned to the account you paid from. We are working on it and ' +
    'will contact you soon.',
  'ans.refund_refused.state': 'The refund of {money} was not made: WeChat did not take it ({wechat}).',
  'ans.refund_refused.say':
    'Hello, your refund of {money} could not be made yet. We are working on it and will contact you soon.',
  'ans.refund_closed.state': 'The refund of {money} was not made: WeChat closed it; no money left.',
  'ans.refund_closed.say':
    'Hello, your refund of {money} could not be made yet. We are working on it and will contact you soon.',
  'ans.refund_rejected.state': 'Paid; an admin rejected the refund of {money}.',
  'ans.refund_rejected.say':
    'Hello, about your request for a refund of {money}: we need to confirm some details with you.',
  'ans.refund_ended.state': 'Paid; an admin ended the refund of {money}, which WeChat does not have.',
  'ans.refund_ended.say':
    'Hello, your refund of {money} could not be made yet. We are working on it and will contact you soon.',
  'ans.refund_settled.state': 'Paid; {money} was given back another way than through WeChat.',
  'ans.refund_settled.say': 'Hello, {money} of this order was given back to you another way, as agreed.',
  'ans.refund_anomaly.state': "WeChat's report of the refund does not fit our records.",
  'ans.refund_anomaly.say': 'Hello, we are checking your refund with WeChat Pay and will reply as soon as we know.',
  'ans.refund_unlisted.state':
    'WeChat says money of this payment went back, and does not say how much. Do not deliver yet.',
  'ans.refund_unlisted.say': 'Hello, we are checking your refund with WeChat Pay and will reply as soon as we know.',
  'ans.partly_refunded_outside.state':
    "{refunded} of {amount} went back, last at {time}, by a refund on WeChat's merchant platform.",
  'ans.partly_refunded_outside.say':
    'Hello, of this order ({amount}) {refunded} has been refunded, last at {time}, to the account you paid from.',
  'ans.refunded_outside.state':
    "The money went back: {refunded}, last at {time}, by a refund on WeChat's merchant platform. Do not serve.",
  'ans.refunded_outside.say':
    'Hello, this order ({amount}) was refunded in full at {time}, to the account you paid from.',
  'ans.partly_refunded.state': 'Paid; {refunded} of it was refunded, last at {time}.',
  'ans.partly_refunded.say':
    'Hello, of this order ({amount}) {refunded} has been refunded, last at {time}, to the account you paid from.',
  'ans.refunded.state': 'Refunded in full, {refunded}, last at {time}.',
  'ans.refunded.say': 'Hello, this order ({amount}) was refunded in full at {time}, to the account you paid from.',
  'ans.waiting_service.state': 'Paid: {amount} at {paid}; waiting for service.',
  'ans.waiting_service.say': 'Hello, this order ({amount}) was paid at {paid} and is waiting for service.',
  'ans.in_service.state': 'Paid: {amount} at {paid}; in service since {time}.',
  'ans.in_service.say': 'Hello, this order ({amount}) was paid at {paid}; service started at {time}.',
  'ans.served.state': 'Paid: {amount} at {paid}; served at {time}.',
  'ans.served.say':
    'Hello, this order ({amount}) was paid at {paid} and the service was completed at {time}. Thank you.',
  'ans.service_cancelled.state': 'Paid: {amount} at {paid}; service cancelled at {time}, not refunded.',
  'ans.service_cancelled.say':
    'Hello, this order ({amount}) was paid at {paid} and its service was cancelled. Please tell us if you would ' +
    'like a refund.',

  'chk.amount_mismatch': 'Amount and currency',
  'chk.negative_total': 'Amount above 0',
  'chk.foreign_merchant': 'Merchant and app',
  'chk.notify_incomplete': 'Required field',
  'chk.odd_result': 'Result',
  'chk.bad_signature': 'Signature',
  'chk.late_money': 'Order status',
  'chk.number_used_before': 'Time of the payment',
  'chk.paid_twice': 'WeChat transaction',
  'chk.reused_transaction': 'Order of the transaction',
  'chk.not_paid': 'Trade state',
  'chk.payment_failed': 'Payment result',
  'chk.prepay_refused': 'Order at WeChat',
  'chk.prepay_unanswered': 'Order at WeChat',
  'chk.refund_unlisted': "WeChat's state of the payment",
  'chk.refund_anomaly': 'Refund',
  'chk.nothing': 'Nothing',
  'chk.wechat_unreachable': 'No answer',
  'chk.wechat_untrusted': 'An answer that proves nothing',
  'chk.busy': 'Not asked, too busy',

  'payerr.NOTENOUGH': "the buyer's balance is too low",
  'payerr.NOAUTH': 'this kind of payment is not enabled for the merchant',
  'payerr.SIGNERROR': 'our signature is wrong',
  'payerr.APPID_NOT_EXIST': 'the app does not exist',
  'payerr.MCHID_NOT_EXIST': 'the merchant does not exist',
  'payerr.APPID_MCHID_NOT_MATCH': 'app and merchant are not bound',
  'payerr.ORDERPAID': 'the order is paid at WeChat',
  'payerr.ORDERCLOSED': 'the order is closed at WeChat',
  'payerr.OUT_TRADE_NO_USED': 'the order number was used',
  'payerr.PARAM_ERROR': 'wrong parameters',
  'payerr.SYSTEMERROR': 'WeChat is busy',
  'payerr.BANKERROR': 'trouble at the bank',
  'payerr.FREQUENCY_LIMITED': 'too many requests',

  'next.ask_buyer': 'Ask the customer to open the payment page again and pay.',
  'next.ask_wechat': 'If the customer says it is paid, press Query WeChat.',
  'next.try_again':
    'Ask the customer to open the payment page again later; if it keeps happening, check the connection to WeChat.',
  'next.check_settings': 'Have an admin check the merchant settings by the alert, then ask the customer to pay again.',
  'next.ask_support': "Have an admin read WeChat's words in the alert; if they do not say, ask WeChat Pay.",
  'next.lift_restriction':
    'Have an admin lift the restriction on the WeChat Pay merchant platform, then ask the customer to pay again.',
  'next.check_keys': 'Never mark it paid by hand; check the API key, then query WeChat.',
  'next.check_alert': 'Do not deliver yet; check the evidence in the alert.',
  'next.decide_receipt': 'Decide what happens to this money under Unmatched payments.',
  'next.decide_receipt.ask': 'Have an admin decide what happens to this money under Unmatched payments.',
  'next.second_admin': 'Ask another admin to confirm under Unmatched payments.',
  'next.decide_refund': 'Approve or reject this refund under Money.',
  'next.decide_refund.ask': 'Have an admin approve or reject the refund.',
  'next.enter_outside_refund': 'Look the payment up on the merchant platform, then enter what went back under Money.',
  'next.enter_outside_refund.ask':
    'Have an admin look the payment up on the merchant platform and enter what went back under Money.',
  'next.refund_again': 'Find the cause, then refund again.',
  'next.refund_if_asked': 'Refund when the customer asks for it.',
  'next.act_at_wechat':
    'Have it paid to our bank account under Money, or handle it on the WeChat Pay merchant platform (abnormal ' +
    'refunds).',
  'next.new_order': 'Ask the customer to place a new order if still needed.',
  'next.serve': 'Press Start service when the customer is here.',
  'next.finish_service': 'Press Finish service when it is done.',
  'next.wait': 'Nothing to do; this page updates by itself.',
  'next.none': '',
  'next.see.receipt': 'Open unmatched payment',
  'next.see.alert': 'Open alert',

  'nb.duplicate': [
    'WeChat repeated its notify once; same content, booked once.',
    'WeChat repeated its notify {n} times; same content, booked once.',
  ],
  'nb.healed': "WeChat's notify did not come; booked after asking WeChat.",
  'nb.payer_differs': 'Another WeChat account paid than the one that ordered; that is allowed.',
  'nb.outside_refunds_unknown':
    "Whether more went back on WeChat's merchant platform is not known: the account has no API v2 key, and API v3 " +
    'lists no refunds. Look the payment up there.',
  'nb.reopened': 'Money that came after closing was booked by a decision of {by}.',
  'nb.payment_failed': 'An earlier payment failed ({words}).',
  'nb.bad_signatures': [
    'Since the order was placed one message came with a wrong signature; it was not believed.',
    'Since the order was placed {n} messages came with wrong signatures; none was believed.',
  ],
  'nb.refused': 'Another alert “{kind}” is not resolved.',

  'order.walk': 'Result {n}',
  'order.walk.prev': 'Previous order',
  'order.walk.next': 'Next order',
  'order.seen': 'WeChat had money under this number',
  'order.seen.why': [
    'The order is not in this system, but one alert is about this number.',
    'The order is not in this system, but {n} alerts are about this number.',
  ],
  'order.filter': 'Filter events',
  'order.filter.all': 'All',
  'order.filter.money': 'Money',
  'order.filter.service': 'Service',
  'order.filter.none': 'No events of this kind',
  'order.raw.title': 'Raw notify',
  'order.copied': 'Order number copied',
  'order.stale': 'Not updated: what follows is from before.',
  'past.title': 'The order as it was at {time}',
  'past.why': 'Told by its events up to then. It may be otherwise now, and nothing can be done here.',
  'past.pick': 'A past moment',
  'past.pick.why': 'Choose a moment to see the order as it was then; the time of an event does the same.',
  'past.at': 'Moment',
  'past.show': 'Show',
  'past.see': 'The order as it was then',
  'past.earlier': 'One change earlier',
  'past.later': 'One change later',
  'past.now': 'Back to now',
  'past.none': 'There was no such order then',
  'past.none.why': 'It was placed at {time}.',
  'past.hidden': ['{n} later event is not listed', '{n} later events are not listed'],
  'order.notes': ['{n} note', '{n} notes'],
  'order.note.add': 'Add note',
  'tl.checks': 'Signature, order, amount and status: all four checks passed.',
  'tl.reopened': 'An admin decided to restore the order and book the money.',
  'money.coupon': 'WeChat coupon',
  'money.cash': 'Customer paid',
  'cust.bank': 'Paid with',
  'bank.DEBIT': '{bank} (debit)',
  'bank.CREDIT': '{bank} (credit)',
  'bank.OTHERS': 'Balance or other',
  'bank.CFT': 'WeChat balance',
  'bank.LQT': 'Mini fund',
  'bank.ICBC': 'ICBC',
  'bank.ABC': 'Agricultural Bank',
  'bank.BOC': 'Bank of China',
  'bank.CCB': 'Construction Bank',
  'bank.CMB': 'China Merchants Bank',
  'bank.COMM': 'Bank of Communications',
  'bank.PSBC': 'Postal Savings Bank',
  'bank.CEB': 'Everbright Bank',
  'bank.CMBC': 'Minsheng Bank',
  'bank.PAB': 'Ping An Bank',
  'bank.CITIC': 'CITIC Bank',
  'bank.SPDB': 'SPD Bank',
  'bank.CIB': 'Industrial Bank',
  'bank.HXB': 'Hua Xia Bank',
  'bank.GDB': 'Guangfa Bank',
  'cust.history': 'Other orders',
  'cust.history.n': ['{n} order · {amount} paid', '{n} orders · {amount} paid'],
  'cust.history.more': 'over {n} orders · {amount} paid',
  'cust.history.none': 'No other orders',
  'cust.history.recent': 'Latest orders',
  'unmask.open': 'Reveal (logged)',
  'unmask.title': "Reveal the customer's details",
  'unmask.reason': 'Reason',
  'unmask.place': 'Such as: customer called, identity check',
  'unmask.need': 'Give the reason in 2 to 200 characters.',
  'unmask.why': 'Goes into the audit log: who, when and why. Masked again after a minute.',
  'unmask.ok': 'Reveal',
  'unmask.left': 'Masked again in {n} s',
  'unmask.hide': 'Mask now',
  'unmask.nothing': 'This order has no openid and no phone.',
  'refund.second':
    'A refund from {limit} on needs another admin; what you refunded earlier on this order counts together. It ' +
    'does not leave at once.',
  'keys.past': 'Order: as it was one change earlier, later',
  'keys.copyNum': 'Copy order number',
  'keys.copySay': 'Copy the words for the customer',
  'print.at': 'Printed {time} (UTC+8)',
};
