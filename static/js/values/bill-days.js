// Days, months and sums of bills. A day is 'YYYY-MM-DD' and a month 'YYYY-MM', both in Asia/Shanghai.
import { isoTime } from './format.js';

const DAY_MS = 86400000;
const UNTIL = 'T00:00:00Z';

export const isDate = (text) =>
  /^\d{4}-\d\d-\d\d$/.test(text ?? '') && new Date(text + UNTIL).toJSON()?.slice(0, 10) === text;
export const isMonth = (text) => /^\d{4}-(0[1-9]|1[0-2])$/.test(text ?? '');
export const monthOf = (date) => date.slice(0, 7);
export const addDays = (date, n) => new Date(Date.parse(date + UNTIL) + n * DAY_MS).toJSON().slice(0, 10);
export const weekday = (date) => new Date(date + UNTIL).getUTCDay(); // 0 is Sunday
export const yesterday = (now) => addDays(isoTime(now).slice(0, 10), -1);

export function addMonths(month, n) {
  const [year, number] = month.split('-').map(Number);
  const at = year * 12 + number - 1 + n;
  return `${String(Math.floor(at / 12)).padStart(4, '0')}-${String((at % 12) + 1).padStart(2, '0')}`;
}

export function daysOf(month) {
  const first = `${month}-01`;
  const count = (Date.parse(`${addMonths(month, 1)}-01${UNTIL}`) - Date.parse(first + UNTIL)) / DAY_MS;
  return Array.from({ length: count }, (_, i) => addDays(first, i));
}

const CLOSED = ['matched', 'differences', 'none'];
export const isClosed = (day) => CLOSED.includes(day?.status);
// The figures of both sides are known: an earlier bill of the day may be there while a newer one failed.
export const isKnown = (day) => isClosed(day) || Boolean(day?.fetchedAt);

// Its turn has come, and the job that works on bills has not begun yet.
export const isQueued = (day, now) => Boolean(day && !day.progress && day.dueAt && Date.parse(day.dueAt) <= now);

// What a cell of the month shows: a day's state, or why there is none.
export function cellState(date, day, { oldest, newest }) {
  if (day?.progress) return 'working';
  if (day) return day.status;
  if (date > newest) return 'future';
  return date < oldest ? 'old' : 'unknown';
}

const keyOf = (date, account) => `${date} ${account}`;
export const byCell = (days) => new Map(days.map((day) => [keyOf(day.date, day.account), day]));
export const dayIn = (cells, date, account) => cells.get(keyOf(date, account));

// The day that a month opens with: its newest with a bill, else the newest that could have one.
export function firstShown({ month, days, newest }, account) {
  const closed = days.filter((day) => day.account === account && isKnown(day)).map(({ date }) => date);
  if (closed.length) return closed.reduce((a, b) => (a > b ? a : b));
  return monthOf(newest) === month ? newest : daysOf(month).at(-1);
}

// The cell that a key leads to from another one; null for a key that leads nowhere.
export function stepTo(key, { date, account }, accounts) {
  const at = accounts.indexOf(account);
  const days = daysOf(monthOf(date));
  const moves = {
    ArrowLeft: () => ({ date: addDays(date, -1), account }),
    ArrowRight: () => ({ date: addDays(date, 1), account }),
    ArrowUp: () => at > 0 && { date, account: accounts[at - 1] },
    ArrowDown: () => at < accounts.length - 1 && { date, account: accounts[at + 1] },
    Home: () => ({ date: days[0], account }),
    End: () => ({ date: days.at(-1), account }),
    PageUp: () => ({ date: sameDayOf(addMonths(monthOf(date), -1), date), account }),
    PageDown: () => ({ date: sameDayOf(addMonths(monthOf(date), 1), date), account }),
  };
  return moves[key]?.() || null;
}

const sameDayOf = (month, date) => {
  const days = daysOf(month);
  return days[Math.min(days.length, Number(date.slice(8))) - 1];
};

// Payments less refunds.
export const balance = ({ paidFen, refundedFen }) => paidFen - refundedFen;

// Kinds that leave the balance as it is: a fee, the bill's last line, and a refund that both sides have.
const UNCOUNTED = ['fee_differs', 'summary_differs', 'refund_status_differs'];
export const isCounted = ({ kind }) => !UNCOUNTED.includes(kind);

// The net difference of a day and what it is made of. `rest` is money that both sides have, on
// different sides of a midnight, or that was put right after the sums were made.
export function makeUp({ wechat, ours }, parts) {
  const [theirs, own] = [balance(wechat), balance(ours)];
  const rows = parts.map((part) => ({ ...part, n: part.open + part.resolved, fen: part.netFen }));
  const net = theirs - own;
  const told = rows.reduce((sum, { fen }) => sum + fen, 0);
  return { theirs, own, net, rows, rest: net - told };
}

// Every row is on one of these: matched, or a difference of a kind. Small ones stay visible.
export function shares({ rows }, parts) {
  const odd = parts.map(({ kind, open, resolved, healed = 0 }) => ({ kind, n: open + resolved - healed }));
  const n = odd.reduce((sum, part) => sum + part.n, 0);
  return [{ kind: 'matched', n: Math.max(0, rows - n) }, ...odd].filter((part) => part.n > 0);
}
