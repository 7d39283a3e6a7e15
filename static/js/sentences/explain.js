// Events and alerts in plain words, with their real numbers. Anything may be missing.
import { amountOf, bothAmounts, codeOf, fieldOf, valuesOf, valueText } from './findings.js';
import { BILL_SAY } from './bills.js';
import { clock, duration, isFen, money, NONE, signedMoney } from '../values/format.js';
import { isBegun, MONEY_SAY } from './money-story.js';
import { by } from './people.js';
import { has, rich, t, word } from '../words/index.js';

export { bothAmounts, valueText };

export const kindWord = (kind) => (has(`kind.${kind}`) ? t(`kind.${kind}`) : kind || t('kind.other'));

export const differenceText = (alert) =>
  bothAmounts(alert) && alert.kind !== 'missing_order' ? signedMoney(alert.actual - alert.expected) : NONE;

const MONEY_FIELD = /(^|_)(fee|total)$|_fee_\d+$|amount/i;
export const isMoneyField = ({ name, ours, wechat }) => MONEY_FIELD.test(name) && (isFen(ours) || isFen(wechat));

function facts(alert) {
  const { kind, expected, actual, count = 1, orderNum } = alert;
  const source = alert.source ?? fieldOf(alert, 'source')?.wechat;
  return {
    amount: valueText(amountOf(alert)),
    source: source ? word('source', source) : NONE,
    expected: valueText(expected, kind),
    actual: valueText(actual, kind),
    count,
    n: count,
    orderNum: orderNum ?? NONE,
    difference: bothAmounts(alert) ? money(Math.abs(actual - expected)) : NONE,
    ...valuesOf(alert),
  };
}

// The sentence of this very cause, else that of its kind, else one that fits everything.
function keyOf(prefix, { kind }, code, amount) {
  const exact = amount === NONE ? [`${prefix}.${code}.noamount`] : [];
  return [...exact, `${prefix}.${code}`, `${prefix}.${kind}`].find(has) ?? `${prefix}.other`;
}

function sentence(prefix, alert) {
  const values = facts(alert);
  return rich(keyOf(prefix, alert, codeOf(alert), values.amount), values);
}

export const lead = (alert) => sentence('lead', alert);
export const reason = (alert) => sentence('why', alert);
export const ruleWords = (alert) => sentence('rule', alert);
// What is left to do with the money of a case, as soon as somebody has decided on it; null before that.
export function moneyTodo(receipts) {
  const states = receipts?.map(({ state }) => state) ?? [];
  if (!states.length || states.includes('waiting')) return null;
  return ['proposed', 'refunding', 'booked', 'refunded', 'accepted']
    .filter((state) => states.includes(state))
    .slice(0, 1)
    .map((state) => t(`todo.money.${state}`))[0];
}

export const todoWords = (alert) => sentence('todo', alert);

// An event that carries a finding, as the small alert that the sentences above can tell.
export function findingOf(event) {
  const data = { ...event.alert?.data, ...event.data };
  if (!data.alertKind) return null;
  const {
    alertKind: kind,
    expected,
    actual,
    count,
    source,
    amountFen,
    code,
    values,
  } = { ...data, count: event.alert?.data?.count ?? data.count };
  return {
    kind,
    expected,
    actual,
    count,
    source,
    amountFen,
    evidence: { code, values },
    orderNum: event.orderNum,
    alertId: event.alert?.data?.alertId ?? data.alertId,
  };
}

const GLYPHS = {
  'order.created': ['created', 'ink'],
  'prepay.created': ['link', 'ink'],
  'prepay.failed': ['failed', 'crit'],
  'order.paid': ['paid', 'ok'],
  'order.healed': ['paid', 'ok'],
  'payment.failed': ['failed', 'crit'],
  'notify.duplicate': ['dup', 'ink'],
  'order.closed': ['closed', 'ink'],
  'refund.requested': ['refunding', 'vio'],
  'refund.approved': ['refunding', 'vio'],
  'refund.succeeded': ['refund', 'vio'],
  'refund.failed': ['failed', 'crit'],
  'receipt.decided': ['scale', 'vio'],
  'complaint.raised': ['headset', 'warn'],
  'complaint.updated': ['headset', 'ink'],
  'complaint.replied': ['headset', 'accent'],
  'complaint.finished': ['headset', 'ok'],
  'bill.matched': ['scale', 'ink'],
  'bill.differs': ['swap', 'warn'],
  'bill.resolved': ['scale', 'ok'],
  'service.changed': ['headset', 'accent'],
  'alert.acknowledged': ['half', 'ink'],
  'alert.reopened': ['open', 'ink'],
  'alert.resolved': ['paid', 'ink'],
  'alert.assigned': ['user', 'ink'],
  'note.added': ['note', 'ink'],
};
const NEWS = ['alert.raised', 'alert.repeated', 'alert.reopened', 'notify.refused'];
// Reopened by a person is their deed, not a new finding.
export const isFinding = (event) => NEWS.includes(event.kind) && !(event.kind === 'alert.reopened' && event.data?.by);

export function glyph(event) {
  if (isFinding(event)) return [event.severity, 'sev'];
  return GLYPHS[event.kind] ?? (event.kind.startsWith('system.') ? ['gear', 'ink'] : ['low', 'ink']);
}

export function eventWord(event) {
  const { kind, data } = event;
  if (isFinding(event) && data?.alertKind) return kindWord(data.alertKind);
  if (isBegun(event)) return t('event.refund.begun');
  if (kind === 'service.changed' && has(`svcevent.${data?.to}`)) return t(`svcevent.${data.to}`);
  if (has(`event.${kind}`)) return t(`event.${kind}`);
  return kind.startsWith('system.') ? t('event.system') : kind;
}

// The outcome of a resolved case stands in front of its note, as a code.
export function noteWords(note) {
  const [code, ...rest] = (note ?? '').split(': ');
  return has(`reason.${code}`) ? [t(`reason.${code}`), rest.join(': ')].filter(Boolean).join(' · ') : note;
}

// Why WeChat did not take a payment: its code in our words, or its own words; and ours where it did not answer.
const OURS = ['wechat_unreachable', 'wechat_untrusted', 'busy'];
function callFault({ code, words, detail, requestId }) {
  if (OURS.includes(code)) return t(`chk.${code}`);
  return [words, code, detail, requestId && `Request-ID ${requestId}`].filter(Boolean).join(' · ');
}

const SAY = {
  'prepay.failed': callFault,
  'payment.failed': callFault,
  'notify.duplicate': () => t('say.duplicate'),
  'order.paid': (d) => (d.payerDiffers ? t('say.payer') : ''),
  'order.healed': () => t('say.healed'),
  'order.closed': (d) => [d.reason && word('closed', d.reason), by(d)].filter(Boolean).join(' · '),
  'service.changed': by,
  'alert.acknowledged': (d) => [kindWord(d.alertKind), by(d)].join(' · '),
  'alert.reopened': (d) => [kindWord(d.alertKind), by(d), noteWords(d.note)].filter(Boolean).join(' · '),
  'alert.resolved': (d) => [kindWord(d.alertKind), by(d), noteWords(d.note)].filter(Boolean).join(' · '),
  'alert.assigned': (d) => t('say.assigned', { by: d.by ?? NONE, assignee: d.assignee ?? NONE }),
  'note.added': (d) => [by(d), d.note].filter(Boolean).join(' · '),
  ...MONEY_SAY,
  ...BILL_SAY,
};

// The words of an event that are ours; product and customer come beside it, isolated.
export const saying = (event) => SAY[event.kind]?.(event.data ?? {}) ?? '';
export const tradeWord = (type) => (type ? word('trade', type) : NONE);
export const lagWords = (event) => {
  const ms = Date.parse(event.at) - Date.parse(event.data?.wechatPaidAt);
  if (!Number.isFinite(ms)) return '';
  const lag = ms <= 1000 ? '≤ 1 s' : duration(ms); // WeChat tells whole seconds
  return `${t('tl.wechatPaidAt', { time: clock(event.data.wechatPaidAt) })} · ${t('tl.lag', { n: lag })}`;
};
