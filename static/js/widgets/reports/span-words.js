// A span of the report in words, and the links to what is behind it.
import { billPath } from '../../router.js';
import { choices } from '../../state/reports/report.js';
import { query } from '../../http.js';
import { weekday } from '../../values/bill-days.js';
import { clockMinute, isoTime } from '../../values/format.js';
import { daysIn, daysOfSpan } from '../../values/report-spans.js';
import { t } from '../../words/index.js';

export const spanWords = ({ from, to }) => (from === to ? from : `${from} – ${to}`);

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
export const weekdayWord = (day) => t(`report.${WEEKDAYS[weekday(day)]}`);

// The name of a row; {name, more}, where `more` is what stands beside it in quiet.
export function rowName({ at }, wanted) {
  const { from, to } = daysOfSpan(at, wanted);
  if (wanted.by === 'hour') return { name: `${isoTime(at).slice(0, 10)} ${clockMinute(at)}`, more: '' };
  if (wanted.by === 'day') return { name: from, more: weekdayWord(from) };
  const more = t('report.days', { n: daysIn({ from, to }) });
  return { name: wanted.by === 'week' ? `${from} – ${to.slice(5)}` : isoTime(at).slice(0, 7), more };
}

// Short, for the axis of the chart.
export function tickName(at, { by, from, to }) {
  if (by === 'hour') return from === to ? clockMinute(at) : `${isoTime(at).slice(5, 10)} ${clockMinute(at)}`;
  return by === 'month' ? isoTime(at).slice(0, 7) : isoTime(at).slice(5, 10);
}

export function ordersPath({ at }, wanted) {
  const { from, to } = daysOfSpan(at, wanted);
  const { accounts = [], products = [] } = choices.data.value ?? {};
  const merchant = accounts.find(({ account }) => account === wanted.account)?.name || wanted.account;
  const q = products.find(({ id }) => id === wanted.product)?.title ?? wanted.product;
  return `/orders?${query({ q, paid: `${from}..${to}`, created: 'all', merchant })}`;
}

export function reconPath({ at }, wanted) {
  const { from } = daysOfSpan(at, wanted);
  if (wanted.by === 'month' || wanted.by === 'week') {
    return `/recon?${query({ month: from.slice(0, 7), account: wanted.account })}`;
  }
  return billPath(from, wanted.account);
}
