// The English of the settings page. Same keys as zh/settings.js.
export default {
  'nav.manage': 'Manage', 'nav.settings': 'Settings', 'hist.over': 'Back to normal',

  'set.severities': 'Alert severity', 'set.severities.sub': 'For alerts from now on; an unresolved one may become graver, never milder by itself',
  'set.severity.of': 'Severity of {kind}', 'set.usual.mark': ' (default)', 'set.changed': 'Not saved',
  'set.rule.amount_mismatch': 'Amount or currency of the notify differs from the order', 'set.rule.negative_total': 'The notify says a negative amount', 'set.rule.foreign_merchant': 'Merchant number or AppID is not ours, or differs from the order',
  'set.rule.illegal_transition': 'More money for an order that is closed or paid already', 'set.rule.missing_order': 'WeChat has the money, there is no such order', 'set.rule.bad_signature': 'The signature does not prove that it comes from WeChat',
  'set.rule.refund_anomaly': 'WeChat tells of a refund that does not fit ours, or cannot deliver it', 'set.rule.reconcile_gap': 'The bill does not match our orders (reconciliation comes later)', 'set.rule.system': 'About this system: settings, certificates, Redis, WeChat out of reach',

  'set.limits': 'Thresholds', 'set.limits.sub': 'Beyond them there is an alert; off means not looked at', 'set.on': 'On', 'set.off': 'Off', 'set.on.of': 'Use “{rule}”', 'set.bounds': 'From {low} to {high}',
  'set.limit.late': 'Late notify', 'set.limit.late.why': 'P95 of how late notifies are, over 5 minutes and at least 10 payments, is above',
  'set.limit.silence': 'No notify', 'set.limit.silence.why': 'None for so long, while payments are usual at this time or were found by asking. A shop without trade is left alone',
  'set.limit.success': 'Success rate drop', 'set.limit.success.why': 'Success over 5 minutes is below; too few payments are not judged',
  'set.limit.certificate': 'Certificate expiring', 'set.limit.certificate.why': 'Days left of the platform certificate of WeChat or our own API certificate; high at the second number',
  'set.limit.forged': 'Bad signatures become critical', 'set.limit.forged.why': 'So many from one source within 10 minutes',
  'set.limit.slight': 'Slightly too much is medium', 'set.limit.slight.why': 'A payment above what is due by less than this is a medium alert only',
  'set.unit.late.p95_ms': 's', 'set.unit.silence.minutes': 'min', 'set.unit.success.percent': '%', 'set.unit.success.payments': 'payments or more', 'set.unit.certificate.days': 'days', 'set.unit.certificate.urgent_days': 'days is urgent', 'set.unit.signature.critical_count': 'times', 'set.unit.amount.slight_fen': 'yuan',
  'set.knob.late.p95_ms': 'Late notify', 'set.knob.silence.minutes': 'No notify', 'set.knob.success.percent': 'Success rate drop', 'set.knob.success.payments': 'Success rate drop', 'set.knob.certificate.days': 'Certificate expiring', 'set.knob.certificate.urgent_days': 'Certificate expiring',
  'set.knob.signature.critical_count': 'Bad signatures become critical', 'set.knob.amount.slight_fen': 'Slightly too much is medium', 'set.knob.leave.severity': 'Told outside the console',

  'set.save.label': 'Changes not saved', 'set.unsaved': ['{n} change is not saved', '{n} changes are not saved'], 'set.unsaved.bad': 'A number is out of bounds; mend it to save', 'set.discard': 'Discard', 'set.saved': 'Saved; every process uses it now.', 'set.failed': 'That did not work: {message}',
  'set.whose': '{rule} ({by})', 'set.and': ', ',
  'set.taken': 'Before you saved, somebody changed {names}; their values are loaded. Look at them, then save again to have yours.',

  'set.channels': 'Channels', 'set.channels.n': ['{n} channel', '{n} channels'], 'set.test': 'Send a test', 'set.testing': 'Sending…', 'set.test.ok': 'Taken; look into the chat or mailbox',
  'set.channels.none': 'No channel yet', 'set.channels.none.why': 'WeCom, DingTalk, Feishu, mail or a webhook: put its address into the environment file and restart. It holds a key, so it is not entered in the browser.',
  'set.notinstalled': 'apprise is not installed, so no message leaves. Install it and restart:', 'set.leaves': 'Told outside the console', 'set.leaves.why': 'Alerts at least so grave; once per alert, and again when it happens after it was resolved',
  'set.channel.wecom': 'WeCom', 'set.channel.dingtalk': 'DingTalk', 'set.channel.feishu': 'Feishu', 'set.channel.mail': 'Mail', 'set.channel.webhook': 'Webhook',
  'set.reason.http': 'It answered HTTP {n}', 'set.reason.unreached': 'Not reached', 'set.reason.slow': 'No answer in time', 'set.reason.refused': 'It did not take it', 'set.reason.busy': 'The one before has no result yet', 'set.reason.not_understood': 'The address is not right', 'set.reason.not_installed': 'apprise is not installed', 'set.reason.too_old': 'Older than 24 hours, not sent', 'set.reason.no_channel': 'The settings no longer have this channel',
  'set.messages': 'Latest messages', 'set.messages.waiting': '{n} waiting', 'set.messages.none': 'No message has been sent yet.', 'set.attempts': ['{n} try', '{n} tries'],
  'set.state.waiting': 'Waiting', 'set.state.sent': 'Sent', 'set.state.failed': 'Given up', 'set.state.dropped': 'Dropped',

  'set.accounts': 'Merchants and keys', 'set.accounts.sub': 'Of a key only its fingerprint (SHA-256, 8 digits)', 'set.key.api_v2_key': 'API v2 key', 'set.key.api_v3_key': 'API v3 key', 'set.key.merchant_key': 'Merchant private key', 'set.key.merchant_serial': 'Merchant certificate serial', 'set.key.public_key': 'WeChat Pay public key id', 'set.key.client_cert': 'Merchant API certificate', 'set.oldkeys': ['{n} old key still proves notifies', '{n} old keys still prove notifies'],
  'set.start': 'Read at the start', 'set.start.sub': 'Change the environment and restart', 'set.yes': 'Set', 'set.no': 'Not set', 'set.none': 'None', 'set.days': ['{n} day', '{n} days'], 'set.forever': 'For ever', 'set.from': 'From {amount}',
  'set.read.mode': 'Environment', 'set.read.origin': 'Public address', 'set.read.notify': 'Notify address', 'set.read.wechat': 'WeChat API', 'set.read.database': 'Database', 'set.read.redis': 'Redis', 'set.read.processes': 'Processes', 'set.read.shops': 'Shop pages', 'set.read.proxies': 'Trusted proxy networks', 'set.read.metrics': 'Metrics token', 'set.read.version': 'Version',
  'set.kept': 'Retention and second admin', 'set.read.notices': 'Raw notices', 'set.read.noticekey': 'Key for raw notices', 'set.read.events': 'Events, orders and audit log', 'set.read.messages': 'Messages that ended', 'set.read.second': 'Refunds need a second admin',
};
