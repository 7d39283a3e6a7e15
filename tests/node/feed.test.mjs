// The rows of the live feed: which events are one story, and what becomes of them in a storm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKOFF_S, waitMs } from '../../static/js/live/backoff.js';
import { FILTER_NAMES, fold, isIssue, matches } from '../../static/js/live/fold.js';
import { Pulse } from '../../static/js/live/pulse.js';
import { Replay } from '../../static/js/live/replay.js';
import { busySeconds, grouped, keyOf, trim, withHole } from '../../static/js/live/storm.js';

let last = 0;
const event = (kind, more) => ({ seq: (last += 1), kind, severity: 'info', second: 0, ...more });
const refused = (orderNum, more) => event('notify.refused', { orderNum, severity: 'critical', ...more });
const raised = (orderNum, more) => event('alert.raised', { orderNum, severity: 'high', ...more });

test('a refused notify and the alert that it raised are one row of the graver kind', () => {
  const data = { alertKind: 'amount_mismatch' };
  const [notify, alert] = [refused('A', { data }), raised('A', { data })];
  assert.deepEqual(fold([], [notify, alert]), [{ ...notify, severity: 'high', alert }]);
  const known = [notify];
  fold(known, [alert]);
  assert.deepEqual(known, [notify]); // the list that was given is not changed
});

test('an alert of another order, another kind or far behind its notify keeps its own row', () => {
  const data = { alertKind: 'amount_mismatch' };
  const others = [event('order.paid'), event('order.paid'), event('order.paid'), event('order.paid')];
  assert.equal(fold([], [refused('A', { data }), raised('B', { data })]).length, 2);
  assert.equal(fold([], [refused('A', { data }), raised('A', { data: { alertKind: 'paid_twice' } })]).length, 2);
  assert.equal(fold([], [refused('A', { data }), ...others, raised('A', { data })]).length, 6);
  const by = { ...data, by: 'alice' }; // reopened by a person is their deed, not a finding
  assert.equal(fold([], [refused('A', { data }), event('alert.reopened', { orderNum: 'A', data: by })]).length, 2);
});

test('a healed payment is one row with how it was found', () => {
  const paid = event('order.paid', { orderNum: 'A' });
  const healed = event('order.healed', { orderNum: 'A' });
  assert.deepEqual(fold([], [paid, event('order.paid', { orderNum: 'B' }), healed])[0], { ...paid, healed });
  assert.equal(fold([], [healed]).length, 1);
});

test('each filter keeps its own events, and a cut is shown only among all', () => {
  const kinds = ['order.paid', 'payment.failed', 'refund.succeeded', 'notify.refused', 'separator'];
  const shown = (filter) => kinds.filter((kind) => matches(event(kind), filter));
  assert.deepEqual(FILTER_NAMES, ['all', 'paid', 'refunds', 'failed', 'issues']);
  assert.deepEqual(shown('all'), kinds);
  assert.deepEqual(shown('paid'), ['order.paid']);
  assert.deepEqual(shown('refunds'), ['refund.succeeded']);
  assert.deepEqual(shown('failed'), ['payment.failed', 'notify.refused']);
  assert.deepEqual(shown('issues'), ['notify.refused']);
  assert.equal(matches(raised('A'), 'sev-high'), true);
  assert.equal(matches(raised('A'), 'sev-critical'), false);
  assert.equal(matches(event('order.paid', { severity: 'critical' }), 'sev-critical'), true);
});

const second = (n, size, kind = 'order.paid') => Array.from({ length: size }, () => event(kind, { second: n }));

test('only a rush of two seconds side by side is busy', () => {
  assert.deepEqual([...busySeconds([...second(1, 21), ...second(2, 21), ...second(4, 21)])], [1, 2]);
  assert.deepEqual([...busySeconds([...second(1, 20), ...second(2, 21)])], []);
});

test('in a rush ordinary events of a second are one row with their sum, and open to their members', () => {
  const amounts = second(1, 3).map((item, i) => ({ ...item, data: { amountFen: 100 * (i + 1) } }));
  const issue = refused('A', { second: 1 });
  const list = [amounts[0], issue, amounts[1], amounts[2]];
  const [group, kept, ...more] = grouped(list, new Set([1]), new Set());
  assert.deepEqual([group.kind, group.n, group.fen, group.open], ['group', 3, 600, false]);
  assert.deepEqual([kept, more], [issue, []]);
  const opened = grouped(list, new Set([1]), new Set([keyOf(group)]));
  assert.deepEqual(opened.slice(1), [...amounts, issue]);
  assert.equal(grouped(list, new Set(), new Set()), list);
});

test('an event that a reader must see is never put into a group', () => {
  const seen = [
    event('order.paid', { healed: {} }),
    event('order.paid', { data: { payerDiffers: true } }),
    event('refund.failed'),
    event('order.paid', { severity: 'medium' }),
  ];
  const list = [...second(0, 2), ...seen];
  assert.deepEqual(grouped(list, new Set([0]), new Set()).slice(1), seen);
});

test('memory lets go of the oldest ordinary events, whole seconds at a time, and of alerts last', () => {
  const alert = refused('A');
  const [first, next] = [second(1, 3), second(2, 3)];
  assert.deepEqual(trim([alert, ...first, ...next], 6), [alert, ...next]);
  assert.deepEqual(trim([alert, ...first], 4), [alert, ...first]);
  const alerts = [refused('A'), refused('B'), refused('C')];
  assert.deepEqual(trim(alerts, 2), alerts.slice(1));
});

test('more events in one second than memory holds leave the newest of them', () => {
  const of = (second, n) => Array.from({ length: n }, () => event('refund.succeeded', { second }));
  const [before, alert, many] = [of(1, 2), refused('A', { second: 1 }), of(2, 5)];
  assert.deepEqual(trim([...before, alert, ...many], 4), [alert, ...many.slice(2)]);
  assert.deepEqual(trim([...before, alert, ...many], 6), [alert, ...many]);
});

test('a hole is said behind the last ordinary event', () => {
  const list = [event('order.paid'), refused('A'), refused('B')];
  assert.deepEqual(
    withHole(list).map(({ kind }) => kind),
    ['order.paid', 'older', 'notify.refused', 'notify.refused'],
  );
  assert.deepEqual(withHole(list.slice(0, 1)), list.slice(0, 1));
  assert.equal(isIssue(list[0]), false);
});

test('tries come further apart, and never all browsers at once', () => {
  BACKOFF_S.forEach((seconds, attempt) => {
    assert.equal(Math.round(waitMs(attempt, () => 0)), 800 * seconds);
    assert.equal(Math.round(waitMs(attempt, () => 1)), 1200 * seconds);
  });
  assert.ok(waitMs(99, () => 1) <= 5000); // the server may be back, and someone looks at the page
});

test('a round trip is the median of the last five, and one without an answer is forgotten', () => {
  const pulse = new Pulse();
  assert.equal(pulse.ms, null);
  let now = 0;
  for (const trip of [900, 10, 20, 30, 40, 500]) {
    assert.equal(pulse.due((now += 5000)), true);
    pulse.sent(now);
    assert.equal(pulse.due(now + 4999), false);
    pulse.heard(now + trip);
  }
  assert.equal(pulse.ms, 30);
  pulse.sent((now += 5000));
  pulse.forget();
  pulse.heard(now + 9999);
  assert.equal(pulse.ms, 30);
});

function counting(after) {
  const out = { got: [], missing: [], done: [] };
  const replay = new Replay({
    onEvents: (events) => out.got.push(...events.map(({ seq }) => seq)),
    onMissing: (...hole) => out.missing.push(hole),
    onReplayed: (progress) => out.done.push(progress),
  });
  replay.reset(after);
  const frame = (seqs, to = seqs.at(-1)) => ({ to, events: seqs.map((seq) => ({ seq, kind: 'x', severity: 'info' })) });
  return { out, replay, take: (...seqs) => replay.take(frame(seqs)), frame };
}

test('a double is dropped, and a hole is asked for twice before it is passed over', () => {
  const { out, replay, take } = counting(4);
  assert.deepEqual([take(5, 6), take(5, 6, 7), take(9), take(9), take(9)], [true, true, false, false, true]);
  assert.deepEqual(out, { got: [5, 6, 7, 9], missing: [[8, 8]], done: [] });
  assert.equal(replay.last, 9);
});

test('a replay counts to its end and tells of the critical ones in it', () => {
  const { out, replay, take } = counting(4);
  assert.equal(replay.begin(4, 0, 0), false);
  assert.equal(replay.begin(6, 100, 200), true);
  take(5);
  assert.equal(replay.finished(), false);
  assert.equal(replay.progress.done, 1);
  replay.take({ to: 6, events: [{ seq: 6, kind: 'alert.raised', severity: 'critical' }] });
  assert.equal(replay.finished(), true);
  assert.deepEqual([out.done[0].total, out.done[0].critical, replay.progress], [2, 1, null]);
});

test('an absence of more than 5,000 events is too far to replay', () => {
  const { replay } = counting(10);
  assert.deepEqual([replay.tooFar(5010), replay.tooFar(5011)], [false, true]);
});
