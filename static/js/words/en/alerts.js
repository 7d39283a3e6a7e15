// The alerts in English: many at once, giving one away, replay, the full text, and the story of every kind. Keys as in
// zh/alerts.js.
export default {
  'alerts.done.assign': 'Assigned to {name}.',
  'alerts.taken.since': '{name} claimed this alert {t} ago.',
  'alerts.filters': 'Filter alerts',
  'alerts.filter.assignee': 'Assignee',
  'alerts.me': 'Me',
  'alerts.clear': 'Clear filters',
  'alerts.key.pick': 'select',
  'alert.assign': 'Assign…',
  'alert.note.must': 'required, at least 5 characters',
  'alert.note.may': 'optional',

  'bulk.bar': 'Selected alerts',
  'bulk.n': '{n} selected',
  'bulk.none': 'Clear selection',
  'bulk.pick': 'Select: {name}',
  'bulk.pick.all': 'Select all',
  'bulk.resolve.title': ['Resolve {n} alert', 'Resolve {n} alerts'],
  'bulk.resolve.ok': 'Mark {n} as resolved',
  'bulk.assign.title': ['Assign {n} alert', 'Assign {n} alerts'],
  'bulk.done.acknowledge': '{n} claimed.',
  'bulk.done.assign': '{n} assigned.',
  'bulk.done.resolve': '{n} resolved.',
  'bulk.done.reopen': '{n} reopened.',
  'bulk.part.acknowledge': '{n} of {all} claimed; ',
  'bulk.part.assign': '{n} of {all} assigned; ',
  'bulk.part.resolve': '{n} of {all} resolved; ',
  'bulk.faster': '{names} was faster with {m}.',
  'bulk.changed': '{m} had just changed and now shows its new state.',

  'assign.title': 'Assign “{kind}”',
  'assign.to': 'Assignee',
  'assign.find': 'Find',
  'assign.me': '(me)',
  'assign.none': 'Nobody by that name.',
  'assign.need': 'Choose a person.',
  'assign.ok': 'Assign',

  'case.refund': 'Refund {amount}…',
  'case.receipt': 'Unmatched payment {amount}',
  'case.again': 'Happened again, reopened',
  'case.notify': 'Notify received, not booked',
  'case.events.failed': 'The events of the order did not load.',
  'case.see': 'Notify {id}',
  'case.other.acknowledged': '{by} claimed this alert.',
  'case.other.assigned': '{by} assigned this alert to {assignee}.',
  'case.other.resolved': '{by} resolved this alert.',
  'case.other.reopened': '{by} reopened this alert.',
  'case.other.note': '{by} wrote a note.',
  'hist.assigned.to': '{by} assigned it to {assignee}',

  'replay.open': 'Replay notify',
  'replay.title': 'Replay notify: {kind}',
  'replay.safe':
    "It is only judged again by today's rules in this system. WeChat is not told, and nothing is booked twice.",
  'replay.same': 'Judged again now, it is the same: {now}.',
  'replay.differs': "When it came it was “{before}”; by today's rules it is “{now}”.",
  'replay.changes': 'What booking changes',
  'replay.now': 'Now',
  'replay.then': 'After booking',
  'replay.becomes': 'becomes',
  'replay.nothing': 'Nothing would change.',
  'replay.duplicate': 'This payment is booked already; replaying it books nothing more.',
  'replay.field.status': 'Payment',
  'replay.field.serviceStatus': 'Service',
  'replay.field.paidFen': 'Paid',
  'replay.field.receipt': 'Unmatched payment',
  'replay.book': 'Book it…',
  'replay.sure':
    '{amount} will be booked on this order: it becomes paid and waits for service. This is written to the audit ' +
    'log and cannot be undone.',
  'replay.confirm': 'Book {amount}',
  'replay.done.booked': '{amount} booked.',
  'replay.done.duplicate': 'This payment was booked already; nothing was booked twice.',
  'replay.why.forged':
    'The signature of this notify is not valid. Nothing proves that it came from WeChat, so it cannot be replayed.',
  'replay.why.sealed':
    'This notify is kept encrypted with a key that is no longer set, so it cannot be read or replayed.',
  'replay.why.key': 'The key that proves this notify is no longer set, so it cannot be verified or replayed.',
  'replay.why.refund': "This is a refund notify. It is not replayed: ask WeChat about the refund on the order's page.",
  'replay.why.ignored': 'This system does not use notifies of this kind; there is nothing to replay.',
  'replay.why.foreign': 'This notify belongs to another merchant and its proof was not kept, so it cannot be replayed.',
  'err.not_replayable': "Today's rules do not book it. Nothing was changed.",

  'reveal.open': 'Reveal full text…',
  'reveal.title': 'Reveal the full notify',
  'reveal.shown': 'openid and phone shown in full, and logged; the signature never is',
  'reveal.hide': 'Mask again',

  'keys.pick': 'Select an alert',
  'keys.extend': 'Extend the selection',
  'keys.filters': 'Filters',
  'keys.undo': 'Undo (within 5 s)',
  'bell.title': 'Tell me of new alerts',
  'bell.why': 'For new critical alerts only, at most once in 10 seconds, in this browser.',
  'bell.sound': 'Sound',
  'bell.desktop': 'Desktop notice (while the page is in the background)',
  'bell.none': 'This browser has no desktop notices.',
  'bell.blocked': 'The browser blocks notices; allow them in its settings for this site.',
  'bell.notice': ['{n} new critical alert', '{n} new critical alerts'],

  'side.no_order': 'no such order',
  'side.healthy': 'working',
  'side.absent': 'missing',
  'sys.away': 'away',
  'sys.not_usable': 'not usable',
  'sys.not_valid': 'not valid',
  'sys.busy': 'too slow',
  'sys.not_configured': 'not configured',
  'sys.wechat_unreachable': 'no answer',
  'sys.wechat_untrusted': 'untrusted answer',
  'sys.SIGNERROR': 'signature refused',
  'sys.NOAUTH': 'no permission',
  'sys.APPID_NOT_EXIST': 'unknown AppID',
  'sys.MCHID_NOT_EXIST': 'unknown merchant',
  'sys.APPID_MCHID_NOT_MATCH': 'AppID not bound',
  'sys.transaction_id': 'WeChat ID',
  'sys.result_code': 'Result',
  'sys.trade_state': 'Trade state',
  'sig.stale': 'Stale timestamp',
  'sig.unknown_serial': 'Unknown certificate',
  'sig.public_key': 'Public key that is not set here',
  'sig.sealed': 'Does not decrypt',
  'sig.algorithm': 'Foreign algorithm',
  'sig.wrong_or_missing': 'Wrong or missing',
  'source.wechat answer': "WeChat's answer",
  'f.amount.total': 'Amount',
  'f.amount.payer_total': 'Paid by buyer',
  'f.amount.currency': 'Currency',
  'f.mchid': 'Merchant no.',
  'f.payer.openid': 'openid',
  'f.answer': "WeChat's answer",
  'f.code': "WeChat's code",
  'f.words': "WeChat's words",
  'f.detail': 'Field at fault',
  'f.Request-ID': 'Request-ID',
  'f.redis': 'Redis',
  'f.mch_id_and_appid': 'Merchant no. and AppID',

  'why.currency_differs': 'The notify is in {actual}, the order in {expected}. Not booked.',
  'why.amount_missing': 'The notify has no usable amount, {expected} is due. Not booked.',
  'why.given_back': 'This money went back to the customer and pays no order. Not booked.',
  'why.answer_unproven': [
    "{count} answer of WeChat's with a bad signature; not used.",
    "{count} answers of WeChat's with a bad signature; none used.",
  ],
  'why.signature_stale': 'From {source}, {count} with a stale timestamp, all rejected.',
  'why.signature_public_key': 'From {source}, {count} signed by a WeChat public key that is not set here.',
  'why.signature_unknown_serial': 'From {source}, {count} signed by an unknown certificate, all rejected.',
  'why.foreign_mch_id': 'Merchant {actual} is not ours, {expected}.',
  'why.foreign_app_id': 'AppID {actual} is not ours, {expected}.',
  'why.refund_excess': 'WeChat refunded {actual}, ours is {expected}: {difference} too much.',
  'why.refund_amount_differs': 'WeChat refunded {actual}, ours is {expected}: {difference} apart.',
  'why.client_certificate_unusable': 'Our merchant certificate is not usable; no refund is sent.',
  'why.wechat_certificate_invalid': "The certificate at WeChat's address is not valid; nothing was sent.",
  'why.wechat_slow': 'WeChat answers too slowly; checkouts are refused (busy).',
  'why.wechat_silent': "No answer of WeChat's can be trusted, several in a row.",
  'why.wechat_refuses': 'WeChat refuses every query ({actual}).',
  'why.account_not_configured': 'Merchant {account} has unfinished orders or refunds and is not configured.',
  'why.refund_unfinished': 'No result of a refund in a month; WeChat says {actual}.',
  'why.wechat_key_missing': "No public key of WeChat's: API v3 notifies are refused.",
  'why.key_refused': 'WeChat finds our signature wrong.',
  'why.not_allowed': 'WeChat says the merchant may not use this kind of payment.',
  'why.app_unknown': 'WeChat does not know our AppID.',
  'why.merchant_unknown': 'WeChat does not know our merchant number.',
  'why.app_not_bound': 'The AppID is not bound to the merchant.',
  'why.receiving_restricted': "WeChat's rules stop this merchant from receiving payments.",
  'why.unsigned_fail': 'A call to WeChat was answered with an unsigned FAIL.',
  'why.prepays_refused': 'WeChat refused {refused} of {all} prepays in {minutes} min ({code}).',

  'lead.currency_differs': 'The notify is in {actual}, the order in {expected}: the amounts cannot be compared.',
  'lead.amount_missing': 'The notify has no usable amount; {expected} is due, so it cannot be booked.',
  'lead.given_back': 'This payment of {amount} was sent back to the customer and can pay no order.',
  'lead.answer_unproven': [
    "{count} answer of WeChat's had a bad signature; it was not used.",
    "{count} answers of WeChat's had a bad signature; none was used.",
  ],
  'lead.signature_stale': [
    '{count} notify with a stale timestamp from {source}; rejected.',
    '{count} notifies with a stale timestamp from {source}; all rejected.',
  ],
  'lead.signature_public_key': [
    '{count} notify from {source} says that it is signed with a WeChat public key that is not set here; not used.',
    '{count} notifies from {source} say that they are signed with a WeChat public key that is not set here; none used.',
  ],
  'lead.signature_unknown_serial': [
    '{count} notify signed by an unknown certificate from {source}; rejected.',
    '{count} notifies signed by an unknown certificate from {source}; all rejected.',
  ],
  'lead.foreign_mch_id': 'The notify is for merchant {actual}, not for ours, {expected}.',
  'lead.foreign_app_id': 'The notify is for AppID {actual}, not for ours, {expected}.',
  'lead.refund_excess': 'WeChat says it refunded {actual}; our record says {expected}: {difference} too much.',
  'lead.refund_amount_differs': 'WeChat says it refunded {actual}; our record says {expected}: {difference} apart.',
  'lead.client_certificate_unusable': 'Our merchant certificate is not usable, so no refund can be sent.',
  'lead.wechat_certificate_invalid': "The certificate at WeChat's address is not valid, so nothing was sent.",
  'lead.wechat_slow':
    'WeChat answers so slowly that all 16 calls at once are taken and new checkouts are refused (busy).',
  'lead.wechat_silent': 'Ten calls to WeChat in a row brought no answer that can be trusted.',
  'lead.wechat_refuses': 'WeChat refuses our queries in a row, saying {actual}; lost notifies are not found meanwhile.',
  'lead.account_not_configured':
    'Merchant {account} still has orders or refunds that are not finished, but it is no longer configured, so ' +
    'WeChat is not asked.',
  'lead.refund_unfinished':
    'This refund has had no result in a month; WeChat says {actual}, and is asked once a day from now on.',
  'lead.wechat_key_missing':
    "No public key of WeChat's is known for merchant {account}, so API v3 notifies are refused.",
  'lead.key_refused': 'WeChat finds our signature wrong: the key is not the one on the merchant platform.',
  'lead.not_allowed': 'WeChat says that the merchant may not use this kind of payment.',
  'lead.app_unknown': 'WeChat does not know the AppID that is set.',
  'lead.merchant_unknown': 'WeChat does not know the merchant number that is set.',
  'lead.app_not_bound': 'The AppID is not bound to the merchant, so WeChat refuses the checkout.',
  'lead.receiving_restricted':
    "WeChat's rules stop this merchant from receiving payments (RULE_LIMIT): customers cannot pay.",
  'lead.unsigned_fail': 'A call to WeChat was answered with a FAIL that nothing signs; nothing is concluded from it.',
  'lead.prepays_refused':
    'WeChat refused {refused} of {all} prepays within {minutes} min, the latest with {code}: customers cannot pay.',

  'rule.currency_differs':
    'Rule: the currency must be that of the order. Amounts in two currencies cannot be compared, so nothing was ' +
    'booked.',
  'rule.paid_twice':
    'Rule: one payment pays one order. The signature is valid: the second money did reach the merchant account.',
  'rule.reused_transaction':
    'Rule: one WeChat ID is booked on one order only. There is no new money; the notify may be wrong.',
  'rule.odd_result': 'Rule: a result is success or failure; WeChat knows no other word.',
  'rule.given_back': 'Rule: money that went back to the customer pays no order.',
  'rule.answer_unproven':
    "Rule: WeChat's answers must be proven by our key or WeChat's certificate too. Our key may be out of date, or " +
    'somebody poses as WeChat.',
  'rule.signature_stale':
    "Rule: the timestamp may be at most 5 minutes off. An old request may have been replayed, or the server's " +
    'clock is wrong.',
  'rule.signature_public_key':
    "Rule: a signature is proven with a key of WeChat's that we have. WeChat signs with its public key once the " +
    'account switches to it; payments are then booked by asking, which is slower.',
  'rule.signature_unknown_serial':
    "Rule: the signature must come from a certificate or key of WeChat's that we know. WeChat may have a new one, " +
    'or somebody is forging.',
  'rule.refund_abnormal':
    'Rule: money is back only when the refund succeeded. An account that is closed or frozen takes none; WeChat ' +
    'holds the money.',
  'rule.refund_forgotten': 'Rule: WeChat must know a refund that it has taken.',
  'rule.field_missing':
    'Rule: a payment result needs its result and its WeChat ID; without them nobody knows what was paid.',
  'rule.redis_away': 'Redis only spares double work. Without it the database still books every payment exactly once.',
  'rule.client_certificate_unusable': 'A refund on API v2 proves who we are with the merchant certificate.',
  'rule.wechat_certificate_invalid':
    'Requests go only to an address with a valid certificate, so that nobody who poses as WeChat gets keys or orders.',
  'rule.wechat_slow':
    'At most 16 calls wait for WeChat at once; more are asked to come again. Notifies are not touched by this.',
  'rule.wechat_silent': 'The network, DNS or the address may be at fault. Notifies that arrive are booked as always.',
  'rule.wechat_refuses': 'Open orders are asked about by themselves; while that fails, a lost notify has to wait.',
  'rule.account_not_configured': 'Unfinished orders and refunds are asked about with the keys of their own merchant.',
  'rule.refund_unfinished': 'A refund is asked about hourly for a month, then daily; after a month it is for a person.',
  'rule.wechat_key_missing': "API v3 notifies are verified with WeChat's public key or platform certificate.",
  'rule.key_refused': 'Every request is signed with the key that is set.',
  'rule.not_allowed': 'Each kind of payment is enabled on the merchant platform.',
  'rule.receiving_restricted': 'WeChat Pay decides on restrictions; its own words are below.',
  'rule.unsigned_fail':
    'An answer is unsigned when WeChat cannot read the request, or when a server on the way answers; its words are ' +
    'below.',
  'rule.prepays_refused':
    'Where WeChat takes no prepay, no payment page opens; the words of the latest refusal are below.',
  'rule.app_unknown': 'Every request carries the AppID that is set.',
  'rule.merchant_unknown': 'Every request carries the merchant number that is set.',
  'rule.app_not_bound': 'An AppID must be bound to the merchant before it can take money.',

  'todo.amount_over':
    'Do not deliver yet. Talk to the customer, give the money back by Refund (or under Unmatched payments), and ask ' +
    'for a new order at the right price.',
  'todo.currency_differs': "Do not deliver. Have the checkout's currency checked.",
  'todo.paid_twice': 'Refund the second payment under Unmatched payments.',
  'todo.reused_transaction':
    'Query WeChat to be sure; there is no new money, so mark it as seen under Unmatched payments.',
  'todo.odd_result': 'Query WeChat for the real result and contact WeChat Pay.',
  'todo.given_back': 'Query WeChat to be sure, and do not refund it again.',
  'todo.answer_unproven':
    'Check that the API key equals the one on the merchant platform; then PAYWATCH_WECHAT_BASE_URL, DNS and proxies.',
  'todo.signature_stale': "Check the server's clock (NTP); if it is right, block the source.",
  'todo.signature_public_key':
    'WeChat has begun to sign with its public key; set it: compare the id of the evidence with the merchant ' +
    'platform (account center, API security), download the key, set it here, start again. Do not block the source.',
  'todo.signature_unknown_serial':
    'Compare the serial of the evidence with those under API security on the merchant platform. If it stands there, ' +
    'run paywatch check: WeChat has a new certificate; if not, somebody is forging. Never mark as paid by hand.',
  'todo.foreign_app_id':
    'Check the AppID of the checkout; do not deliver. If it is right, somebody else holds the key: change the API key.',
  'todo.refund_excess':
    'Find out on the merchant platform who asked for this refund, and check the other refunds of the order.',
  'todo.refund_abnormal':
    "On the order's page have it paid to our bank account (API v3), or handle it on the merchant platform; when the " +
    'customer got the money another way, end it with a reason.',
  'todo.refund_forgotten':
    "Look for the refund number on the merchant platform. If it is not there, end the refund on the order's page, " +
    'then decide whether to refund again.',
  'todo.field_missing': 'Read the raw notify below and contact WeChat Pay.',
  'todo.redis_away':
    'Check that Redis is running and that address and password are right; it reconnects by itself. Then mark this ' +
    'as resolved.',
  'todo.client_certificate_unusable': 'Run paywatch check, mend PAYWATCH_WECHAT_CLIENT_CERT as it says, and restart.',
  'todo.wechat_certificate_invalid':
    "Check PAYWATCH_WECHAT_BASE_URL, DNS, the clock and the system's root certificates.",
  'todo.wechat_slow':
    "Look at WeChat Pay's notices and the line to it; ask customers to check out again when it is over.",
  'todo.wechat_silent': 'Check the network, DNS and PAYWATCH_WECHAT_BASE_URL.',
  'todo.wechat_refuses': "Look the code up in WeChat's manual; queries go on automatically.",
  'todo.account_not_configured':
    'Configure this merchant again, with its keys, until those orders and refunds are over.',
  'todo.refund_unfinished': 'Look the refund up on the merchant platform.',
  'todo.wechat_key_missing': "Set WeChat's public key and its id, or run paywatch check to see why.",
  'todo.key_refused': 'Set the key of the merchant platform and restart.',
  'todo.not_allowed': 'Apply for it in the product center of the merchant platform.',
  'todo.receiving_restricted':
    'Find and lift the restriction on the merchant platform, or ask WeChat Pay with the Request-ID.',
  'todo.unsigned_fail':
    'Mend what the words name: the key for a signature, PAYWATCH_TRUSTED_PROXIES for an IP address.',
  'todo.prepays_refused': "Mend what WeChat's words name; if they do not say, ask WeChat Pay with the Request-ID.",
  'todo.app_unknown': 'Correct PAYWATCH_WECHAT_APP_ID and restart.',
  'todo.merchant_unknown': 'Correct PAYWATCH_WECHAT_MCH_ID and restart.',
  'todo.app_not_bound': 'Bind it under app id management on the merchant platform, or correct PAYWATCH_WECHAT_APP_ID.',

  'why.notifies_late': 'Notify p95 {p95Ms} in 5 min, limit {limitMs}.',
  'why.notifies_silent': 'No notify for {minutes} min.',
  'why.payments_failing': 'Success {percent}% in 5 min, below {limitPercent}%.',
  'why.wechat_certificate_ends': "WeChat's platform certificate expires in {days} days.",
  'why.our_certificate_ends': 'Our merchant certificate expires in {days} days.',
  'lead.notifies_late': 'Notify p95 is {p95Ms} over 5 minutes, above the limit of {limitMs}.',
  'lead.notifies_silent': 'No notify for {minutes} minutes, at a time when payments are usual.',
  'lead.payments_failing':
    'Success is {percent}% over 5 minutes ({paid} paid, {failed} failed), below {limitPercent}%.',
  'lead.wechat_certificate_ends': "WeChat's platform certificate of merchant {account} expires in {days} days.",
  'lead.our_certificate_ends': 'The API certificate of merchant {account} expires in {days} days.',
  'rule.notifies_late': 'Customers have paid, but pages hear of it late.',
  'rule.notifies_silent': 'The notify address may not be reachable. Payments go on; only we do not hear of them.',
  'rule.payments_failing': 'Clearly more payments fail than usual.',
  'rule.wechat_certificate_ends': 'After that every notify fails verification.',
  'rule.our_certificate_ends': 'After that no refund can be sent.',
  'todo.notifies_late': 'Check load and network; if it goes on for ten minutes, ask WeChat Pay.',
  'todo.notifies_silent': 'Check URL, TLS and firewall; run paywatch check. Open orders are asked about by themselves.',
  'todo.payments_failing': 'See the reasons of the failures.',
  'todo.wechat_certificate_ends': "See that the next one can be fetched, or switch to WeChat's public key.",
  'todo.our_certificate_ends': 'Get a new one on the merchant platform, set it and restart.',
  'f.notify delay': 'Notify delay',
  'f.no notify': 'No notify',
  'f.success rate': 'Success rate',
  'aud.notify.unmasked': 'Revealed {subject} in full',
  'aud.notify.replayed': 'Replayed {subject}',
  'act.notify.unmasked': 'Notify revealed',
  'act.notify.replayed': 'Notify replayed',
  'thread.title': 'Money of this case',
  'thread.refund': 'Refund',
  'thread.difference': 'Bill of {date}: {kind}',
  'todo.money.proposed': 'A second admin approves or rejects the proposal for this payment.',
  'todo.money.refunding': 'The refund is at WeChat. This case ends by itself once the money is back.',
  'todo.money.booked': 'Nothing more: the payment is booked on its order.',
  'todo.money.refunded': 'Nothing more: the money went back to the buyer.',
  'todo.money.accepted': 'Nothing more: an admin decided to keep this payment.',
  'bulk.not_refunded': '; not refunded yet: refund the money first or choose another outcome.',
};
