// Events and alerts in plain words, with their real numbers. Anything may be missing.
import { clock, duration, isFen, money, NONE, signedMoney } from './format.js';
import { MONEY_SAY } from './moneystory.js';
import { by } from './people.js';
import { has, rich, t, word } from './words/index.js';

export const kindWord = (kind) => (has(`kind.${kind}`) ? t(`kind.${kind}`) : kind || t('kind.other'));

const STATES = ['pay', 'wx', 'svc', 'sig'];
// A value that a rule compares: an amount in fen, a state, what a signature is, or whatever the sender wrote.
// A word may mean another thing for a refund: its SUCCESS is not a payment's.
export function valueText(value, kind) {
  if (value === null || value === undefined || value === '') return NONE;
  if (isFen(value)) return money(value);
  const book = (kind === 'refund_anomaly' ? ['rfd'] : STATES).find((prefix) => has(`${prefix}.${value}`));
  return book ? t(`${book}.${value}`) : String(value);
}

export const bothAmounts = ({ expected, actual }) => isFen(expected) && isFen(actual);
export const differenceText = (alert) =>
  (bothAmounts(alert) && alert.kind !== 'missing_order' ? signedMoney(alert.actual - alert.expected) : NONE);

const MONEY_FIELD = /(^|_)(fee|total)$|_fee_\d+$|amount/i;
export const isMoneyField = ({ name, ours, wechat }) => MONEY_FIELD.test(name) && (isFen(ours) || isFen(wechat));
const fieldOf = (alert, name) => alert.evidence?.fields?.find((field) => field.name === name);

function facts(alert) {
  const { kind, expected, actual, count = 1, orderNum } = alert;
  const fromNotify = fieldOf(alert, 'total_fee')?.wechat ?? alert.amountFen;
  const amount = isFen(actual) ? actual : fromNotify;
  const source = alert.source ?? fieldOf(alert, 'source')?.wechat;
  return {
    expected: valueText(expected, kind), actual: valueText(actual, kind), count, orderNum: orderNum ?? NONE,
    amount: valueText(amount), source: source ? word('source', source) : NONE, message: alert.message ?? alert.evidence?.rule ?? valueText(actual),
    difference: bothAmounts(alert) ? money(Math.abs(actual - expected)) : NONE,
  };
}

// Which of the sentences of a kind fits these numbers.
function variant(alert, { amount, message }) {
  if (alert.kind === 'amount_mismatch' && bothAmounts(alert)) return alert.actual < alert.expected ? '.short' : '.over';
  if (alert.kind === 'illegal_transition') return transition(alert, amount);
  if (alert.kind === 'refund_anomaly') return refundVariant(alert);
  if (alert.kind === 'system') return alert.expected ? '.incomplete' : /^Redis\b/.test(message) ? '.redis' : '';
  return '';
}

// Amounts that differ have the plain sentence; the others tell of a state, or of a refund that is not ours.
function refundVariant(alert) {
  if (bothAmounts(alert)) return '';
  if (['CHANGE', 'ABNORMAL'].includes(alert.actual)) return '.stuck';
  if (alert.actual === 'REFUNDNOTEXIST') return '.gone';
  return has(`rfd.${alert.expected}`) ? '.state' : '.unknown';
}

// Late money names the state of the order; the others name what was used twice, or an odd result.
function transition({ expected, actual, orderNum }, amount) {
  if (has(`pay.${expected}`)) return amount === NONE ? '.noamount' : '';
  if (expected === 'SUCCESS') return '.odd';
  return expected === orderNum && actual ? '.reused' : '.twice';
}

function sentence(prefix, alert) {
  const values = facts(alert);
  const kind = has(`${prefix}.${alert.kind}`) ? alert.kind : 'other';
  const exact = `${prefix}.${kind}${variant(alert, values)}`;
  return rich(has(exact) ? exact : `${prefix}.${kind}`, values);
}

export const lead = (alert) => sentence('lead', alert);
export const reason = (alert) => sentence('why', alert);
export const ruleWords = (kind) => t(has(`rule.${kind}`) ? `rule.${kind}` : 'rule.other');
export const todoWords = (kind) => t(has(`todo.${kind}`) ? `todo.${kind}` : 'todo.other');

// An event that carries a finding, as the small alert that the sentences above can tell.
export function findingOf(event) {
  const data = { ...event.alert?.data, ...event.data };
  if (!data.alertKind) return null;
  const { alertKind: kind, expected, actual, count, source, amountFen, message } = { ...data, count: event.alert?.data?.count ?? data.count };
  return { kind, expected, actual, count, source, amountFen, message, orderNum: event.orderNum, alertId: event.alert?.data?.alertId ?? data.alertId };
}

const GLYPHS = {
  'order.created': ['created', 'ink'], 'prepay.created': ['link', 'ink'], 'prepay.failed': ['failed', 'crit'],
  'order.paid': ['paid', 'ok'], 'order.healed': ['paid', 'ok'], 'payment.failed': ['failed', 'crit'], 'notify.duplicate': ['dup', 'ink'],
  'order.closed': ['closed', 'ink'], 'refund.requested': ['refunding', 'vio'], 'refund.approved': ['refunding', 'vio'],
  'refund.succeeded': ['refund', 'vio'], 'refund.failed': ['failed', 'crit'], 'receipt.decided': ['scale', 'vio'], 'service.changed': ['headset', 'accent'],
  'alert.acknowledged': ['half', 'ink'], 'alert.reopened': ['open', 'ink'], 'alert.resolved': ['paid', 'ink'], 'alert.assigned': ['user', 'ink'], 'note.added': ['note', 'ink'],
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
  if (kind === 'service.changed' && has(`svcevent.${data?.to}`)) return t(`svcevent.${data.to}`);
  if (has(`event.${kind}`)) return t(`event.${kind}`);
  return kind.startsWith('system.') ? t('event.system') : kind;
}

// The outcome of a resolved case stands in front of its note, as a code.
export function noteWords(note) {
  const [code, ...rest] = (note ?? '').split(': ');
  return has(`reason.${code}`) ? [t(`reason.${code}`), rest.join(': ')].filter(Boolean).join(' · ') : note;
}

const SAY = {
  'prepay.failed': (d) => [d.words, d.code].filter(Boolean).join(' · '),
  'payment.failed': (d) => [d.words, d.code].filter(Boolean).join(' · '),
  'notify.duplicate': () => t('say.duplicate'),
  'order.paid': (d) => (d.payerDiffers ? t('say.payer') : ''),
  'order.healed': () => t('say.healed'),
  'order.closed': (d) => [d.reason && word('closed', d.reason), by(d)].filter(Boolean).join(' · '),
  'service.changed': by, 'alert.acknowledged': (d) => [kindWord(d.alertKind), by(d)].join(' · '),
  'alert.reopened': (d) => [kindWord(d.alertKind), by(d), noteWords(d.note)].filter(Boolean).join(' · '),
  'alert.resolved': (d) => [kindWord(d.alertKind), by(d), noteWords(d.note)].filter(Boolean).join(' · '),
  'alert.assigned': (d) => t('say.assigned', { by: d.by ?? NONE, assignee: d.assignee ?? NONE }),
  'note.added': (d) => [by(d), d.note].filter(Boolean).join(' · '),
  ...MONEY_SAY,
};

// The words of an event that are ours; product and customer come beside it, isolated.
export const saying = (event) => SAY[event.kind]?.(event.data ?? {}) ?? event.data?.message ?? '';
export const tradeWord = (type) => (type ? word('trade', type) : NONE);
export const lagWords = (event) => {
  const ms = Date.parse(event.at) - Date.parse(event.data?.wechatPaidAt);
  if (!Number.isFinite(ms)) return '';
  const lag = ms <= 1000 ? '≤ 1 s' : duration(ms); // WeChat tells whole seconds
  return `${t('tl.wechatPaidAt', { time: clock(event.data.wechatPaidAt) })} · ${t('tl.lag', { n: lag })}`;
};
