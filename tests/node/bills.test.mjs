// Days, months and sums of bills, and what the page makes of them.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as bills from '../../static/js/values/bill-days.js';
import * as say from '../../static/js/sentences/bills.js';
import { valuesOf } from '../../static/js/sentences/findings.js';
import en from '../../static/js/words/en.js';
import { setLang } from '../../static/js/words/index.js';
import zh from '../../static/js/words/zh.js';

beforeEach(() => setLang('en'));

const MONTH = { month: '2026-11', oldest: '2026-09-02', newest: '2026-11-29' };
const day = (date, more = {}) => ({
  date,
  account: '1',
  status: 'matched',
  fetchedAt: '2026-11-30T02:05:00Z',
  ...more,
});

test('a day and a month are what they look like, and nothing else is', () => {
  for (const text of ['2026-02-28', '2028-02-29', '2026-12-31']) assert.ok(bills.isDate(text), text);
  for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '2026-11-31', 'x', '', null]) {
    assert.ok(!bills.isDate(text), String(text));
  }
  for (const text of ['2026-01', '2026-12']) assert.ok(bills.isMonth(text), text);
  for (const text of ['2026-00', '2026-13', '2026-1', '202601', null]) assert.ok(!bills.isMonth(text), String(text));
});

test('months have their days, also over the end of a year', () => {
  assert.deepEqual(
    ['2026-02', '2028-02', '2026-04', '2026-12'].map((month) => bills.daysOf(month).length),
    [28, 29, 30, 31],
  );
  assert.equal(bills.addMonths('2026-12', 1), '2027-01');
  assert.equal(bills.addMonths('2026-01', -1), '2025-12');
  assert.equal(bills.addDays('2026-12-31', 1), '2027-01-01');
  assert.equal(bills.addDays('2028-03-01', -1), '2028-02-29');
  assert.equal(bills.weekday('2026-11-22'), 0);
});

test('yesterday is that of Shanghai, whatever the hour is elsewhere', () => {
  assert.equal(bills.yesterday(Date.parse('2026-11-30T15:59:59Z')), '2026-11-29');
  assert.equal(bills.yesterday(Date.parse('2026-11-30T16:00:00Z')), '2026-11-30');
});

test('a cell shows its day, the work on it, or why there is none', () => {
  const of = (date, found) => bills.cellState(date, found, MONTH);
  assert.equal(of('2026-11-20', day('2026-11-20')), 'matched');
  assert.equal(of('2026-11-20', day('2026-11-20', { progress: { step: 'matching' } })), 'working');
  assert.deepEqual(
    ['2026-11-29', '2026-11-30', '2026-09-01'].map((date) => of(date)),
    ['unknown', 'future', 'old'],
  );
});

test('a day whose turn has come waits for the work on it to begin', () => {
  const now = Date.parse('2026-11-30T02:05:00Z');
  const due = (dueAt, more) => bills.isQueued(day('2026-11-29', { dueAt, progress: null, ...more }), now);
  assert.ok(due('2026-11-30T02:05:00Z'));
  assert.ok(!due('2026-11-30T02:05:01Z'));
  assert.ok(!due(null));
  assert.ok(!due('2026-11-30T02:05:00Z', { progress: { step: 'fetching' } }));
});

test('a month opens with its newest bill, else with the newest day that could have one', () => {
  const first = (days, month = '2026-11') => bills.firstShown({ ...MONTH, month, days }, '1');
  const waiting = { status: 'waiting', fetchedAt: null };
  assert.equal(
    first([day('2026-11-29', waiting), day('2026-11-27'), day('2026-11-28', { account: '2' })]),
    '2026-11-27',
  );
  assert.equal(first([day('2026-11-29', waiting)]), '2026-11-29');
  assert.equal(first([], '2026-10'), '2026-10-31');
  // An earlier bill is known, although a newer one failed.
  assert.equal(first([day('2026-11-26', { status: 'failed' })]), '2026-11-26');
});

test('the arrow keys walk days and accounts, and page by months', () => {
  const step = (key, date, account) => bills.stepTo(key, { date, account }, ['1', '2']);
  assert.deepEqual(step('ArrowLeft', '2026-11-01', '1'), { date: '2026-10-31', account: '1' });
  assert.deepEqual(step('ArrowRight', '2026-11-30', '2'), { date: '2026-12-01', account: '2' });
  assert.deepEqual(step('ArrowDown', '2026-11-05', '1'), { date: '2026-11-05', account: '2' });
  assert.deepEqual(step('Home', '2026-11-05', '1'), { date: '2026-11-01', account: '1' });
  assert.deepEqual(step('End', '2026-11-05', '1'), { date: '2026-11-30', account: '1' });
  assert.deepEqual(step('PageUp', '2026-03-31', '1'), { date: '2026-02-28', account: '1' });
  assert.equal(step('ArrowUp', '2026-11-05', '1'), null);
  assert.equal(step('ArrowDown', '2026-11-05', '2'), null);
  assert.equal(step('a', '2026-11-05', '1'), null);
});

const SIDES = {
  wechat: { paidFen: 48554450, refundedFen: 312000 },
  ours: { paidFen: 48510470, refundedFen: 311200 },
  rows: 1296,
};
const PARTS = [
  { kind: 'missing_here', open: 3, resolved: 1, differenceFen: 179400, netFen: 179400 },
  { kind: 'missing_at_wechat', open: 1, resolved: 0, differenceFen: -8800, netFen: -8800 },
  { kind: 'amount_differs', open: 2, resolved: 0, differenceFen: -126620, netFen: -126620 },
  { kind: 'refund_amount_differs', open: 1, resolved: 0, differenceFen: 800, netFen: -800 },
  { kind: 'fee_differs', open: 1, resolved: 0, differenceFen: 7, netFen: 0 },
];

test('the net difference is the sum of its parts', () => {
  const { theirs, own, net, rows, rest } = bills.makeUp(SIDES, PARTS);
  assert.deepEqual([theirs, own, net, rest], [48242450, 48199270, 43180, 0]);
  assert.deepEqual(
    rows.map(({ kind, n, fen }) => [kind, n, fen]),
    [
      ['missing_here', 4, 179400],
      ['missing_at_wechat', 1, -8800],
      ['amount_differs', 2, -126620],
      ['refund_amount_differs', 1, -800],
      ['fee_differs', 1, 0],
    ],
  );
  const sum = rows.reduce((all, { fen }) => all + fen, rest);
  assert.equal(sum, net);
  // What no part explains is told apart, never hidden in one of them.
  assert.equal(bills.makeUp(SIDES, PARTS.slice(1)).rest, 179400);
});

test('every row of a bill is matched or on one kind of difference', () => {
  const shares = bills.shares(SIDES, PARTS);
  assert.deepEqual(shares[0], { kind: 'matched', n: 1287 });
  assert.equal(
    shares.reduce((sum, { n }) => sum + n, 0),
    1296,
  );
  assert.deepEqual(bills.shares({ rows: 0 }, [PARTS[1]]), [{ kind: 'missing_at_wechat', n: 1 }]);
});

test('the monitor says yesterday, an earlier day, or that nothing is known', async () => {
  const bill = { date: '2026-11-29', unexplainedFen: 0, openDifferences: 0, unknown: 0 };
  assert.equal(say.lastDayWords(bill, '2026-11-29'), 'Yesterday: ¥0.00 unexplained');
  assert.equal(
    say.lastDayWords({ ...bill, unexplainedFen: 43980 }, '2026-11-30'),
    'Yesterday: not known yet · 11-29: ¥439.80 unexplained',
  );
  assert.match(say.lastDayWords(null, '2026-11-30'), /^Yesterday: not known/);
  await setLang('zh-CN');
  assert.equal(say.lastDayWords(bill, '2026-11-29'), '昨日：¥0.00 未解释');
});

test('why there is no bill is told in words, also for a code that is new', () => {
  const told = (code, values = {}) => say.problemWords({ code, values });
  assert.equal(told('bill_being_made'), 'WeChat is still making the bill.');
  assert.equal(told('bill_cut', { line: 8123 }), 'Line 8123 is not whole; the bill was cut there.');
  assert.equal(told('never_heard_of'), 'Cause: never_heard_of');
});

test('a side is an amount, a state, or nothing', () => {
  assert.deepEqual([8800, 'REVOKED', null, 0].map(say.sideText), ['¥88.00', 'REVOKED', '—', '¥0.00']);
});

test('how far a run is, is told as far as it is known', () => {
  const told = (step, done, whole) => say.progressWords({ step, done, whole });
  assert.equal(told('fetching', 41200000, 0), '39.3 MiB so far');
  assert.equal(told('fetching', 0, 0), '');
  assert.equal(told('reading', 41200000, 82400000), '39.3 MiB of 78.6 MiB');
  assert.equal(told('waiting', 12, 60), '12 s of 60 s');
  assert.equal(told('matching', 412000, 1000000), '412,000 of 1,000,000');
  assert.equal(told('asking', 3, 0), '3 so far');
});

test('a case says in words why there is no bill, whatever the reason is', async () => {
  const values = { date: '2026-11-20', account: '1900000109' };
  for (const [language, words] of [
    ['en', en],
    ['zh-CN', zh],
  ]) {
    await setLang(language);
    const codes = Object.keys(words)
      .filter((key) => key.startsWith('bpr.'))
      .map((key) => key.slice(4));
    assert.ok(codes.length > 20);
    for (const code of codes.filter((code) => !['other', 'unread'].includes(code))) {
      const told = say.problemWord(code, values);
      assert.doesNotMatch(told, / {2}|\(\)|（）|“”|_/, `${language} ${code}: ${told}`);
    }
    const alert = {
      kind: 'reconcile_gap',
      evidence: { code: 'bill_not_there', values: { ...values, problem: 'bill_cut' } },
    };
    assert.match(valuesOf(alert).problem, language === 'en' ? /The bill was cut/ : /账单被截断/);
  }
});
