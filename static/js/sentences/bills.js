// What a bill, a difference and its two sides are called, from codes and values.
import { NONE, count, money, stamp } from '../values/format.js';
import { by } from './people.js';
import { has, t, word } from '../words/index.js';

const LOOKS = {
  matched: ['paid', 'ok'],
  differences: ['swap', 'crit'],
  none: ['closed', 'quiet'],
  waiting: ['pending', 'warn'],
  failed: ['failed', 'crit'],
  working: ['replay', 'accent'],
  unknown: ['created', 'quiet'],
  old: ['closed', 'quiet'],
};
export const lookOf = (state) => LOOKS[state] ?? ['low', 'quiet'];
export const STATES = ['matched', 'differences', 'none', 'waiting', 'failed', 'working', 'unknown'];

const KIND_LOOKS = {
  missing_here: ['created', 'high'],
  missing_at_wechat: ['failed', 'warn'],
  amount_differs: ['swap', 'crit'],
  status_differs: ['swap', 'crit'],
  refund_missing_here: ['refunding', 'high'],
  refund_missing_at_wechat: ['refunding', 'warn'],
  refund_amount_differs: ['refund', 'crit'],
  refund_status_differs: ['refund', 'crit'],
  fee_differs: ['scale', 'warn'],
  duplicate_row: ['dup', 'crit'],
  foreign_row: ['high', 'crit'],
  summary_differs: ['layers', 'crit'],
};
export const kindLook = (kind) => KIND_LOOKS[kind] ?? ['swap', 'crit'];
export const differenceWord = (kind) => word('dif', kind);

// A side is fen, or a state or a sum as text.
export const sideText = (side) =>
  side === null || side === undefined ? NONE : Number.isInteger(side) ? money(side) : side;

export const whyWords = (difference) => {
  const key = has(`dwhy.${difference.kind}`) ? `dwhy.${difference.kind}` : 'dif.amount_differs';
  return t(key, { ours: sideText(difference.ours), wechat: sideText(difference.wechat) });
};

// Of the events of an order: what the bill of a day said, and how the difference ended.
const ofDay = ({ date }) => t('say.bill', { date });
export const BILL_SAY = {
  'bill.differs': (d) => `${ofDay(d)} ${whyWords({ ...d, kind: d.difference })}`,
  'bill.resolved': (d) =>
    [`${ofDay(d)} ${differenceWord(d.difference)}`, word('dres', d.resolution), by(d)].filter(Boolean).join(' · '),
};

export function problemWords({ code, values }) {
  return has(`bpr.${code}`) ? t(`bpr.${code}`, values) : t('bpr.other', { code });
}

// A case has the code alone, and the date and the account: the page of its day has the rest.
const UNREAD = [
  'bill_line_too_long',
  'bill_not_text',
  'bill_column_missing',
  'bill_column_twice',
  'bill_line',
  'bill_value_count',
  'bill_value',
  'bill_cut',
  'bill_no_summary',
  'bill_after_summary',
];
export function problemWord(code, values) {
  if (UNREAD.includes(code)) return t('bpr.unread');
  return problemWords({ code: code === 'bill_refused' ? 'wechat_refused' : code, values });
}

export const dayWords = (date, weekday) => t('recon.day.title', { date, weekday: t(`recon.weekday.${weekday}`) });
export const stepWord = (step) => (has(`recon.step.${step}`) ? t(`recon.step.${step}`) : t('recon.step.other'));

const MIB = 1024 * 1024;
export const sizeWords = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`;
// Bytes, seconds, or rows, as the step counts.
const UNITS = { fetching: sizeWords, reading: sizeWords, waiting: (seconds) => `${count(seconds)} s` };
export function progressWords({ step, done, whole }) {
  const shown = UNITS[step] ?? count;
  if (whole) return t('recon.step.n', { done: shown(done), whole: shown(whole) });
  return done ? t('recon.step.done', { done: shown(done) }) : '';
}

// How a resolved difference ended, with the person and the time.
export function endWords(difference, now) {
  const { resolution, resolvedBy, resolvedAt } = difference;
  const time = stamp(resolvedAt, now);
  if (resolution === 'healed' || !resolvedBy) return t('recon.facts.healed', { time });
  return t('recon.facts.resolved', { how: word('dres', resolution), by: resolvedBy, time });
}

// The monitor's sentence about the last day whose bill is matched.
export function lastDayWords(bills, yesterday) {
  if (!bills) return t('recon.neverday');
  const values = { date: bills.date.slice(5), amount: money(bills.unexplainedFen) };
  return t(bills.date === yesterday ? 'recon.yesterday' : 'recon.lastday', values);
}
