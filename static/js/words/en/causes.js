// What an alert says by the code of its cause, in English, where alerts.js, general.js and money.js do not say it, and
// by its kind where it has no code. `why` is one line of a list, `lead` the first sentence of the case. Keys as in
// zh/causes.js.
export default {
  'why.illegal_transition': 'A payment arrived for an order that cannot take it. Not booked.',
  'lead.illegal_transition': 'A payment arrived for an order that cannot take it.',
  'rule.illegal_transition': 'Rule: one payment pays one order, and only an order that waits for its payment.',
  'todo.illegal_transition': 'Read the evidence below, then decide this money under Receipts.',
  'why.system': 'The system reports something that a person should see.',
  'lead.system': 'The system reports something that a person should see; the evidence below says what.',

  'why.amount_unreadable': 'The notify says {actual}, which is not an amount; {expected} is due. Not booked.',
  'lead.amount_unreadable': 'The notify says {actual}, which is not an amount; {expected} is due.',
  'why.order_mch_id': 'The notify is for merchant {actual}, the order for {expected}.',
  'lead.order_mch_id': 'The notify is for merchant {actual}; the order was made for merchant {expected}.',
  'why.order_app_id': 'The notify is for AppID {actual}, the order for {expected}.',
  'lead.order_app_id': 'The notify is for AppID {actual}; the order was made for AppID {expected}.',

  'why.refund_foreign_mch_id': 'The refund result is for merchant {actual}, ours is {expected}.',
  'lead.refund_foreign_mch_id': 'The refund result is for merchant {actual}, not for ours, {expected}.',
  'why.refund_other_order': 'The refund result names order {actual}, the refund is of order {expected}.',
  'lead.refund_other_order': 'The refund result names order {actual}; the refund is of order {expected}.',
  'why.refund_other_transaction': 'The refund result names payment {actual}, the refund is of payment {expected}.',
  'lead.refund_other_transaction': 'The refund result names payment {actual}; the refund is of payment {expected}.',
  'why.refund_negative': 'The refund result says {actual}, rejected.',
  'lead.refund_negative': 'The refund result says {actual}, which is less than 0; it was rejected.',
  'rule.refund_negative': "Rule: a refund is more than 0. A normal result of WeChat's never holds a negative amount.",
  'why.refund_amount_unreadable': 'The refund result has no usable amount; ours is {expected}.',
  'lead.refund_amount_unreadable': 'The refund result has no usable amount; our record says {expected}.',
  'why.refund_total_differs': 'The refund result says that {actual} was paid, ours is {expected}.',
  'lead.refund_total_differs': 'The refund result says that {actual} was paid; our record says {expected}.',
  'why.refund_odd_state': 'WeChat has no such state of a refund as {actual}.',
  'lead.refund_odd_state': 'The state of this refund is {actual}, which WeChat does not have.',
  'why.refunds_exceed_payment': 'The refunds make {actual} together, only {expected} was paid.',
  'lead.refunds_exceed_payment': 'The refunds of this payment make {actual} together; only {expected} was paid.',
  'why.refund_after_all': 'Our record said {expected}, yet the money went back.',
  'lead.refund_after_all': 'Our record of this refund said {expected}, yet the money went back.',
  'why.refund_unconfirmed': 'The refund notify said {expected}, WeChat answers {actual}.',
  'lead.refund_unconfirmed': 'The refund notify said {expected}; WeChat, asked about it, answers {actual}.',

  'why.refund_taken_after_all': 'Our record said {expected}, yet WeChat has taken the refund.',
  'lead.refund_taken_after_all':
    'Our record of this refund said {expected}, yet WeChat has taken it: its amount is reserved again.',
  'rule.refund_taken_after_all': 'Rule: a refund that was given up is asked about after an hour and after a day.',
  'todo.refund_taken_after_all': 'Check that the same money was not given back a second time.',
  'why.refund_no_balance': 'WeChat does not take the refund: the merchant balance is too low ({code}).',
  'lead.refund_no_balance': 'WeChat does not take this refund: the merchant balance is too low ({code}).',
  'rule.refund_no_balance': 'Rule: a refund that WeChat refuses for the balance keeps its number and is sent again.',
  'todo.refund_no_balance':
    'Recharge the merchant account on the WeChat Pay merchant platform. Do not make a new refund: this one is sent ' +
    'again by itself.',
  'why.refund_no_way_back': 'WeChat cannot give the money back the way it came ({code}).',
  'lead.refund_no_way_back': 'WeChat cannot give the money back the way it came ({code}).',
  'rule.refund_no_way_back': 'Rule: the amount is free only when WeChat, asked, has no such refund.',
  'todo.refund_no_way_back': 'Agree on another way with the customer, then end this refund with the reason.',
  'why.refund_not_permitted': "WeChat's answers to the refund are refusals of our request ({code}).",
  'lead.refund_not_permitted': "WeChat's answers to this refund are refusals of our request ({code}).",
  'rule.refund_not_permitted': 'Rule: such an answer does not say whether an earlier send was taken.',
  'todo.refund_not_permitted':
    'Run paywatch check; on the WeChat Pay merchant platform see the limits and the list of addresses that may ' +
    'refund. It is sent again by itself.',
  'why.refund_not_taken': 'WeChat refused the refund several times ({code}).',
  'lead.refund_not_taken': 'WeChat has refused this refund several times ({code}).',
  'rule.refund_not_taken': 'Rule: the number is sent again until WeChat has taken it or an admin ends it.',
  'todo.refund_not_taken':
    "Read WeChat's words below and mend what they name. If WeChat has no such refund, an admin can end it.",
  'why.own_key_missing': 'We have no key for API v3; no refund is sent.',
  'lead.own_key_missing': 'We have no key of our own for API v3, so no refund can be sent.',
  'rule.own_key_missing': 'Every request on API v3 is signed with our own key.',
  'todo.own_key_missing': 'Set PAYWATCH_WECHAT_MERCHANT_KEY and PAYWATCH_WECHAT_MERCHANT_SERIAL, and restart.',

  'why.signature_missing': 'From {source}, {count} without a signature, all rejected.',
  'lead.signature_missing': [
    '{count} notify without a signature from {source}; rejected.',
    '{count} notifies without a signature from {source}; all rejected.',
  ],
  'why.signature_wrong': 'From {source}, {count} with a wrong signature, all rejected.',
  'lead.signature_wrong': [
    '{count} notify with a wrong signature from {source}; rejected.',
    '{count} notifies with a wrong signature from {source}; all rejected.',
  ],
  'why.signature_ambiguous': 'From {source}, {count} with ambiguous fields, all rejected.',
  'lead.signature_ambiguous': [
    '{count} notify with ambiguous fields from {source}; rejected.',
    '{count} notifies with ambiguous fields from {source}; all rejected.',
  ],
  'why.signature_sealed': 'From {source}, {count} that our key does not decrypt, all rejected.',
  'lead.signature_sealed': [
    '{count} notify that our key does not decrypt, from {source}; rejected.',
    '{count} notifies that our key does not decrypt, from {source}; all rejected.',
  ],
  'why.refund_unlisted': 'WeChat says money went back and does not say how much.',
  'lead.refund_unlisted': 'WeChat says money of this payment went back, and does not say how much.',
  'rule.refund_unlisted':
    'Rule: what WeChat says about money is recorded. API v3 lists no refunds, so one that was made on the merchant ' +
    'platform and whose notify was lost is known by its state only.',
  'todo.refund_unlisted': "Look the payment up on the merchant platform; enter what went back on the order's page.",
  'why.refund_notify_unreadable': 'From {source}, {count} of a refund that no API v2 key opens.',
  'lead.refund_notify_unreadable': [
    '{count} notify of a refund from {source} cannot be read: the account has no API v2 key.',
    '{count} notifies of refunds from {source} cannot be read: the account has no API v2 key.',
  ],
  'rule.refund_notify_unreadable':
    'Rule: WeChat tells of refunds made on its merchant platform in the format of API v2, sealed with the API v2 key.',
  'todo.refund_notify_unreadable':
    "Set PAYWATCH_WECHAT_API_V2_KEY and restart; until then enter such refunds on the order's page.",
  'why.signature_algorithm': 'From {source}, {count} with a foreign algorithm, all rejected.',
  'lead.signature_algorithm': [
    '{count} notify with a foreign algorithm from {source}; rejected.',
    '{count} notifies with a foreign algorithm from {source}; all rejected.',
  ],

  'why.answer_unknown_serial': [
    "{count} answer of WeChat's signed by an unknown certificate; not used.",
    "{count} answers of WeChat's signed by an unknown certificate; none used.",
  ],
  'lead.answer_unknown_serial': [
    "{count} answer of WeChat's was signed by an unknown certificate; it was not used.",
    "{count} answers of WeChat's were signed by an unknown certificate; none was used.",
  ],
  'rule.answer_unknown_serial':
    "Rule: WeChat's answers must be signed by a certificate or key of WeChat's that we know. WeChat may have a new " +
    'one, or somebody poses as WeChat.',
  'todo.answer_unknown_serial':
    "Run paywatch check and compare WeChat's key or certificate; then PAYWATCH_WECHAT_BASE_URL, DNS and proxies.",
  'why.answer_foreign_mch_id': "WeChat's answer is for merchant {actual}, ours is {expected}.",
  'lead.answer_foreign_mch_id': "WeChat's answer is for merchant {actual}, not for ours, {expected}; it was not used.",
  'why.answer_foreign_app_id': "WeChat's answer is for AppID {actual}, ours is {expected}.",
  'lead.answer_foreign_app_id': "WeChat's answer is for AppID {actual}, not for ours, {expected}; it was not used.",

  'why.notifies_missed': 'No notify for {minutes} min; {found} payments found by asking.',
  'lead.notifies_missed': 'No notify for {minutes} minutes, while {found} payments were found by asking WeChat.',
  'rule.notifies_missed':
    'The notify address may not be reachable. Payments go on; we only hear of them when we ask WeChat.',
  'todo.notifies_missed': 'Check URL, TLS and firewall; run paywatch check. Open orders are asked about by themselves.',
  'why.channel_broken': 'Alerts do not leave by the channel {channel} ({reason}).',
  'lead.channel_broken': 'Alerts do not leave by the channel {channel}; the last reason was {reason}.',
  'rule.channel_broken': 'Every alert that is grave enough is sent by every channel, and tried again for a day.',
  'todo.channel_broken': 'Send a test from the settings page, and check PAYWATCH_NOTIFY_URLS.',
  'f.channel': 'Channel',
  'why.message_too_large': 'The signed notify is larger than any that can be read. Not booked.',
  'lead.message_too_large': 'The notify is signed, but it has more fields or a longer value than can be read.',
  'rule.message_too_large': 'Rule: a notify has at most 1,024 fields, and no value above 8 KiB.',
  'todo.message_too_large': 'Query WeChat for this order, and have the raw notify looked at.',
  'why.answer_odd_state': 'WeChat names the state {word}, which nobody knows; it is asked again.',
  'lead.answer_odd_state': "WeChat's answer about an order names the state {word}, which its manual does not have.",
  'rule.answer_odd_state':
    'Rule: a state that nobody knows is neither paid nor unpaid. The order stays open and is asked about again.',
  'todo.answer_odd_state': 'Look the order up on the merchant platform, and tell the developers the word.',
  'f.sub_mch_id': 'Merchant below ours',
  'f.sub_mchid': 'Merchant below ours',
  'why.partner_payment': 'The payment is for merchant {actual} below ours. Not booked.',
  'lead.partner_payment':
    'The payment of {amount} is for merchant {actual} below ours; service-provider mode is not served.',
  'rule.partner_payment':
    'Rule: only payments for our own merchant number are booked. A field names a merchant below it, as in ' +
    'service-provider mode.',
  'todo.partner_payment':
    'Do not deliver by this payment. Find out which system orders in service-provider mode with our merchant ' +
    'number, and settle the money on the merchant platform.',
  'why.number_used_before': 'WeChat dates this payment {paidAt}, before the order was made. Not booked.',
  'lead.number_used_before':
    'WeChat used this order number before: its payment of {amount} is dated {paidAt}, before this order was made.',
  'rule.number_used_before':
    'Rule: a payment pays an order that was there before it. The money belongs to an earlier order of the same ' +
    'number, perhaps of another system.',
  'todo.number_used_before':
    'Give this purchase a new order number. Do not refund: the money belongs to the earlier order. Find out which ' +
    'system gave out the number twice.',
  'why.orders_not_asked': '{count} open orders wait for a question to WeChat.',
  'lead.orders_not_asked': '{count} open orders have been due for a question to WeChat for up to {minutes} minutes.',
  'rule.orders_not_asked':
    'An open order is asked about within minutes, so that a payment whose notify was lost is found.',
  'todo.orders_not_asked': 'See whether WeChat answers; if it does, restart the service.',
  'why.refunds_not_asked': '{count} refunds wait for a question to WeChat.',
  'lead.refunds_not_asked': '{count} refunds have been due for a question to WeChat for up to {minutes} minutes.',
  'rule.refunds_not_asked': 'A refund is asked about until WeChat has told its end.',
  'todo.refunds_not_asked': 'See whether WeChat answers; if it does, restart the service.',
  'why.prepays_unwatched': '{count} prepays brought no answer and are not watched.',
  'lead.prepays_unwatched':
    '{count} prepays brought no answer, the oldest {minutes} minutes ago, and WeChat is not asked about their orders.',
  'rule.prepays_unwatched': 'After a prepay without an answer WeChat is asked whether the order was paid.',
  'todo.prepays_unwatched': 'Run paywatch reconcile --once, which asks about all of them.',
  'why.messages_not_sent': '{count} alert messages were not sent.',
  'lead.messages_not_sent': '{count} alert messages have been due for up to {minutes} minutes and were not sent.',
  'rule.messages_not_sent': 'A message is tried within seconds, and again for a day.',
  'todo.messages_not_sent': 'See the log for the channel; if it says nothing, restart the service.',
  'why.receipts_not_decided': '{count} unmatched payments wait for an admin.',
  'lead.receipts_not_decided': '{count} unmatched payments wait for an admin, the oldest for {minutes} minutes.',
  'rule.receipts_not_decided': 'Money that fits no order is decided on within a day.',
  'todo.receipts_not_decided': 'Decide them on the page of unmatched payments.',
  'f.orders not asked about': 'Orders not asked about',
  'f.refunds not asked about': 'Refunds not asked about',
  'f.prepays unwatched': 'Prepays unwatched',
  'f.messages not sent': 'Messages not sent',
  'f.unmatched payments not decided': 'Unmatched payments not decided',
  'why.approval_waits': '{by} asked to give back or decide on ¥{amount}; it waits for another admin.',
  'lead.approval_waits': '¥{amount} wait for another admin: {by} asked for it.',
  'rule.approval_waits': 'A refund or decision from the limit on needs two people; one of support needs an admin.',
  'todo.approval_waits': 'Open the order or the unmatched payments, and approve or reject it.',
  'why.key_refund_waits': 'A refund of ¥{amount} by the API key {key} waits for two admins.',
  'lead.key_refund_waits':
    "The merchant's server (key {key}) asked for a refund of ¥{amount}; it waits for two admins.",
  'rule.key_refund_waits': 'A refund by an API key from the limit on needs two admins.',
  'todo.key_refund_waits': 'Open the order and approve or reject it; the second admin does the same.',
  'why.search_burst': '{by} searched {count} times for phones or openids in {minutes} min.',
  'lead.search_burst': '{by} searched {count} times for phones or openids in {minutes} minutes.',
  'rule.search_burst':
    'Searches for a phone or openid are counted: 60 in ten minutes, or 6,000 in thirty days, may undo the mask.',
  'todo.search_burst': 'Ask why; if nobody knows, end the sessions of the account on the team page.',
  'why.sign_in_attack': '{count} wrong passwords for {account} within an hour.',
  'lead.sign_in_attack': 'Somebody tries passwords for the account {account}: {count} were wrong within an hour.',
  'rule.sign_in_attack': 'Wrong passwords of one account are counted over all networks; 20 an hour are an attack.',
  'todo.sign_in_attack': 'See the audit log for the networks. Its user signs in from a browser that was used before.',
};
