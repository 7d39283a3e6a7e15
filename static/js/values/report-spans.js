// The days of a report and the spans in it. A day is 'YYYY-MM-DD' in Asia/Shanghai.
import { addDays, addMonths, daysOf, isDate, monthOf } from './bill-days.js';
import { isoTime } from './format.js';

export const RANGES = ['today', 'yesterday', '7d', '30d', 'month', 'lastmonth', '12m'];
export const LENGTHS = ['hour', 'day', 'week', 'month'];
export const MOST_DAYS_OF_HOURS = 62;
const MOST_DAYS = 1096;
const DAY_MS = 86400000;

export const todayOf = (now) => isoTime(now).slice(0, 10);
const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
export const daysIn = ({ from, to }) => days(from, to);
const lastOf = (month) => daysOf(month).at(-1);

// {from, to} of a range by its name; null for a name that is none.
export function rangeOf(name, today) {
  const month = monthOf(today);
  const found = {
    today: [today, today],
    yesterday: [addDays(today, -1), addDays(today, -1)],
    '7d': [addDays(today, -6), today],
    '30d': [addDays(today, -29), today],
    month: [`${month}-01`, today],
    lastmonth: [`${addMonths(month, -1)}-01`, lastOf(addMonths(month, -1))],
    '12m': [`${addMonths(month, -11)}-01`, today],
  }[name];
  return found ? { from: found[0], to: found[1] } : null;
}

// What the address asks for: own days, or a range by its name, without either the last 30 days.
export function chosenSpan(params, today) {
  const [from, to] = [params.get('from'), params.get('to')];
  const own = isDate(from) && isDate(to) && from <= to && days(from, to) <= MOST_DAYS;
  const range = own ? '' : RANGES.includes(params.get('range')) ? params.get('range') : '30d';
  const span = own ? { from, to } : rangeOf(range, today);
  const fits = lengthsFor(span);
  const by = fits.includes(params.get('by')) ? params.get('by') : usual(span);
  return { ...span, range, by };
}

export const lengthsFor = (span) => LENGTHS.filter((by) => by !== 'hour' || daysIn(span) <= MOST_DAYS_OF_HOURS);
const usual = (span) => (daysIn(span) <= 2 ? 'hour' : daysIn(span) <= 92 ? 'day' : 'month');

// The days before that a report is compared with: as many as it has, or the same of the month or
// year before.
export function before({ from, to, range }) {
  if (range === 'month' || range === 'lastmonth') {
    const month = addMonths(monthOf(from), -1);
    const same = daysOf(month)[Math.min(daysOf(month).length, Number(to.slice(8))) - 1];
    return { from: `${month}-01`, to: range === 'month' ? same : lastOf(month) };
  }
  if (range === '12m') {
    const month = addMonths(monthOf(to), -12);
    const same = daysOf(month)[Math.min(daysOf(month).length, Number(to.slice(8))) - 1];
    return { from: `${addMonths(monthOf(from), -12)}-01`, to: same };
  }
  const n = daysIn({ from, to });
  return { from: addDays(from, -n), to: addDays(from, -1) };
}

// The rows that have begun, those of the days before beside them, and their totals where only a part
// of the report has begun: a morning is not compared with a whole day.
export function comparable({ rows, totals, past }, now) {
  const begun = rows.filter(({ at }) => Date.parse(at) <= now).length;
  if (begun === rows.length) return past.totals;
  const sum = (name) => past.rows.slice(0, begun).reduce((all, row) => all + row[name], 0);
  const [paidCount, failedCount] = [sum('paidCount'), sum('failedCount')];
  const successRate = paidCount + failedCount ? paidCount / (paidCount + failedCount) : null;
  return { ...totals, paidCount, failedCount, successRate, paidFen: sum('paidFen') };
}

// The first and the last day of the span that starts at `at`, within those of the report.
export function daysOfSpan(at, { by, from, to }) {
  const start = isoTime(at).slice(0, 10);
  const last = { week: () => addDays(start, 6), month: () => lastOf(monthOf(start)) }[by]?.() ?? start;
  return { from: start < from ? from : start, to: last > to ? to : last };
}

export const hasMoney = ({ paidCount, refundCount }) => paidCount + refundCount > 0;
export const isEmpty = (row) => !hasMoney(row) && !row.failedCount;

const LISTED_EMPTY = 62;
// The rows of the table, newest first: none of the future, and of many spans those with something.
export function listed(rows, now) {
  const begun = rows.filter(({ at }) => Date.parse(at) <= now).reverse();
  return begun.length > LISTED_EMPTY ? begun.filter((row) => !isEmpty(row)) : begun;
}
