// What a finding is by the code of its cause, and what its two sides are in words. Nothing here reads a sentence.
import { dayTime, isFen, masked, money, NONE } from '../values/format.js';
import { problemWord } from './bills.js';
import { has, t, word } from '../words/index.js';

export const bothAmounts = ({ expected, actual }) => isFen(expected) && isFen(actual);

const BOOKS = { refund_anomaly: ['rfd'], system: ['sys', 'rfd'] };
const STATES = ['pay', 'wx', 'svc', 'sig'];

// WeChat's 28 digits are told apart by their ends.
export const shortId = (text) => (/^\d{20,}$/.test(text ?? '') ? masked(text, 8, 4) : text);
const mchId = (text) => masked(text, 4, 2);
const appId = (text) => masked(text, 4, 4);

const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
// A value that a rule compares: an amount in fen, a state, what a signature is, or whatever the sender wrote.
// A word may mean another thing for a refund: its SUCCESS is not a payment's.
export function valueText(value, kind) {
  if (value === null || value === undefined || value === '') return NONE;
  if (isFen(value)) return money(value);
  if (MOMENT.test(value)) return dayTime(value);
  const book = (BOOKS[kind] ?? STATES).find((prefix) => has(`${prefix}.${value}`));
  return book ? t(`${book}.${value}`) : String(value);
}

export const fieldOf = (alert, ...names) => alert.evidence?.fields?.find(({ name }) => names.includes(name));
export const amountOf = (alert) =>
  isFen(alert.actual) ? alert.actual : (fieldOf(alert, 'total_fee', 'amount.total')?.wechat ?? alert.amountFen);

// Both sides, short, in the words of a list: never empty where something can be said.
export function sides(alert) {
  const { kind, expected, actual } = alert;
  if (isForeign(alert)) return foreign(alert);
  if (kind === 'missing_order') return { expected: t('side.no_order'), actual: valueText(amountOf(alert)) };
  if (kind === 'system' && !expected) return { expected: t('side.healthy'), actual: valueText(actual, kind) };
  if (kind === 'system' && !actual) return { expected: valueText(expected, kind), actual: t('side.absent') };
  return { expected: shortId(valueText(expected, kind)), actual: shortId(valueText(actual, kind)) };
}

// An alert of a version before causes had codes has none; its kind's words are told then.
export const codeOf = (alert) => alert.evidence?.code ?? '';

// Which part is not ours, and only that part.
const isForeign = (alert) => ['_mch_id', '_app_id'].some((ending) => codeOf(alert).endsWith(ending));
function foreign(alert) {
  const { ours, wechat } = alert.evidence.values ?? {};
  const shown = codeOf(alert).endsWith('_app_id') ? appId : mchId;
  return { expected: shown(ours), actual: wechat ? shown(wechat) : NONE };
}

// A name that ends in Ms is a span of time, one that ends in At a moment; a difference of a bill is told by its kind,
// and why there is no bill in words.
function spoken([name, value], values) {
  if (name.endsWith('Ms')) return [name, `${(value / 1000).toFixed(1)} s`];
  if (name === 'difference') return [name, word('dif', value)];
  if (name === 'problem') return [name, problemWord(value, values)];
  return [name, name.endsWith('At') ? dayTime(value) : value];
}

// The values of the cause, as its words need them.
export function valuesOf(alert) {
  if (isForeign(alert)) return foreign(alert);
  const values = alert.evidence?.values ?? {};
  return Object.fromEntries(Object.entries(values).map((entry) => spoken(entry, values)));
}
