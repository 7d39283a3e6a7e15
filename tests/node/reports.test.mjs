// The days and the spans of a report.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as spans from '../../static/js/values/report-spans.js';

const TODAY = '2026-03-31';
const asked = (text) => spans.chosenSpan(new URLSearchParams(text), TODAY);
const row = (at, more = {}) => ({ at, paidCount: 0, paidFen: 0, refundCount: 0, failedCount: 0, ...more });

test('a range is days up to today', () => {
  const of = (name) => Object.values(spans.rangeOf(name, TODAY)).join(' ');
  assert.equal(of('today'), '2026-03-31 2026-03-31');
  assert.equal(of('7d'), '2026-03-25 2026-03-31');
  assert.equal(of('month'), '2026-03-01 2026-03-31');
  assert.equal(of('lastmonth'), '2026-02-01 2026-02-28');
  assert.equal(of('12m'), '2025-04-01 2026-03-31');
  assert.equal(spans.rangeOf('ever', TODAY), null);
});

test('an address that names no days that can be is the last thirty, day by day', () => {
  const usual = { from: '2026-03-02', to: '2026-03-31', range: '30d', by: 'day' };
  for (const text of [
    '',
    'range=ever',
    'from=2026-03-02',
    'from=2026-04-02&to=2026-03-02',
    'from=2020-01-01&to=2026-01-01',
  ]) {
    assert.deepEqual(asked(text), usual, text);
  }
  assert.equal(asked('range=today').by, 'hour');
  assert.equal(asked('range=12m').by, 'month');
  assert.equal(asked('range=12m&by=hour').by, 'month');
  assert.deepEqual(asked('from=2026-01-01&to=2026-03-03&by=hour').by, 'hour');
  assert.deepEqual(asked('from=2026-01-01&to=2026-03-04&by=hour').by, 'day');
});

test('a report is compared with as many days before it, a month with the same days of the month before', () => {
  assert.deepEqual(spans.before({ from: '2026-03-25', to: '2026-03-31' }), { from: '2026-03-18', to: '2026-03-24' });
  assert.deepEqual(spans.before({ ...asked('range=month') }), { from: '2026-02-01', to: '2026-02-28' });
  assert.deepEqual(spans.before({ ...asked('range=lastmonth') }), { from: '2026-01-01', to: '2026-01-31' });
  assert.deepEqual(spans.before({ ...asked('range=12m') }), { from: '2024-04-01', to: '2025-03-31' });
});

test('of the first and the last week only the days of the report count', () => {
  const wanted = { by: 'week', from: '2026-03-04', to: '2026-03-10' };
  assert.deepEqual(spans.daysOfSpan('2026-03-01T16:00:00Z', wanted), { from: '2026-03-04', to: '2026-03-08' });
  assert.deepEqual(spans.daysOfSpan('2026-03-08T16:00:00Z', wanted), { from: '2026-03-09', to: '2026-03-10' });
});

test('what has not begun is neither listed nor compared', () => {
  const rows = [
    row('2026-03-30T16:00:00Z', { paidCount: 1 }),
    row('2026-03-30T17:00:00Z'),
    row('2026-03-30T18:00:00Z'),
  ];
  const now = Date.parse('2026-03-30T17:30:00Z');
  assert.deepEqual(
    spans.listed(rows, now).map(({ at }) => at),
    ['2026-03-30T17:00:00Z', '2026-03-30T16:00:00Z'],
  );
  const past = {
    rows: [row('a', { paidFen: 5, paidCount: 1 }), row('b', { failedCount: 1 }), row('c', { paidFen: 9 })],
  };
  const beside = spans.comparable({ rows, totals: {}, past }, now);
  assert.deepEqual([beside.paidFen, beside.paidCount, beside.successRate], [5, 1, 0.5]);
});

test('of many spans the table shows those with something', () => {
  const hours = Array.from({ length: 96 }, (_, i) =>
    row(new Date(i * 3600000).toJSON(), { failedCount: i % 48 ? 0 : 1 }),
  );
  assert.equal(spans.listed(hours, 1e12).length, 2);
  assert.equal(spans.listed(hours.slice(0, 24), 1e12).length, 24);
});
