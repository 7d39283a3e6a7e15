// The live connection's own rules, with a clock and sockets made by hand: each event once and in
// order, a hole asked for again, retries further and further apart.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Live } from '../../static/js/live/live.js';

let now, out, socket, due, live;

const io = {
  now: () => now,
  random: () => 0.5,
  online: () => true,
  check() {},
  open(after) {
    out.opened.push(after);
    socket = {
      readyState: 1,
      sent: 0,
      close() {},
      send() {
        this.sent += 1;
      },
    };
    return socket;
  },
  later(ms, run) {
    out.waits.push(Math.round(ms));
    due = run;
    return () => {
      due = null;
    };
  },
  onEvents: (events) => out.got.push(...events.map(({ seq }) => seq)),
  onMissing: (from, to) => out.missing.push([from, to]),
  onVersion() {},
  onReplayed: ({ total }) => out.replayed.push(total),
  onChange: ({ state }) => out.states.at(-1) !== state && out.states.push(state),
  async resync(reason) {
    out.resyncs.push(reason);
    return 500;
  },
};

beforeEach(() => {
  now = 1e6;
  out = { got: [], missing: [], opened: [], states: [], waits: [], resyncs: [], replayed: [] };
  live = new Live(io);
});

const frame = (data) => socket.onmessage({ data: JSON.stringify(data) });
const hello = (head, epoch = 'e1') => frame({ type: 'hello', head, epoch });
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const cut = (code = 1006) => socket.onclose({ code });

function events(from, to, seqs = range(from, to)) {
  frame({ type: 'events', from, to, events: seqs.map((seq) => ({ seq, kind: 'x', severity: 'info' })) });
}

function pass(ms) {
  now += ms;
  live.tick(now);
}

function retry() {
  const run = due;
  due = null;
  run();
}

test('what was missed comes once and in order after every cut', () => {
  live.start(10);
  hello(10);
  events(11, 12);
  events(11, 13);
  cut();
  retry();
  hello(17);
  events(14, 15);
  events(15, 17);
  events(18, 18);
  cut(1001);
  retry();
  hello(18);
  events(19, 20);
  assert.deepEqual(out.got, range(11, 20));
  assert.deepEqual(out.opened, [10, 13, 18]);
  assert.deepEqual(out.replayed, [4]);
  assert.deepEqual(out.states, ['connecting', 'live', 'reconnecting', 'replaying', 'live', 'reconnecting', 'live']);
});

test('a hole is asked for again and at last told', () => {
  live.start(0);
  hello(0);
  events(1, 2);
  events(3, 6, [3, 5, 6]);
  retry();
  hello(6);
  events(4, 6);
  events(7, 7);
  events(8, 9, [9]);
  retry();
  hello(9);
  events(8, 9, [9]);
  retry();
  hello(9);
  events(8, 9, [9]);
  assert.deepEqual(out.got, [1, 2, 3, 4, 5, 6, 7, 9]);
  assert.deepEqual(out.opened, [0, 3, 7, 7]);
  assert.deepEqual(out.missing, [[8, 8]]);
});

test('retries come further apart until a connection holds', () => {
  live.start(0);
  hello(0);
  for (let i = 0; i < 7; i += 1) {
    cut();
    retry();
  }
  hello(0);
  pass(6000);
  cut();
  assert.deepEqual(out.waits, [1000, 2000, 4000, 4000, 4000, 4000, 4000, 1000]);
});

test('silence is noticed and a dying socket is not pinged', () => {
  live.pinging = true;
  live.start(0);
  hello(0);
  pass(5000);
  assert.equal(socket.sent, 1);
  socket.readyState = 2;
  pass(6000);
  assert.equal(socket.sent, 1);
  socket.readyState = 1;
  pass(10000);
  assert.equal(live.state, 'stale');
  pass(16000);
  assert.deepEqual(out.states, ['connecting', 'live', 'stale', 'reconnecting']);
});

test('another stream is taken from its tail', async () => {
  live.start(10);
  hello(10);
  cut();
  retry();
  hello(700, 'e2');
  await null;
  await null;
  hello(500, 'e2');
  events(501, 502);
  assert.deepEqual(out.resyncs, ['epoch']);
  assert.deepEqual(out.opened, [10, 10, 500]);
  assert.deepEqual(out.got, [501, 502]);
});

test('an ended session is not tried again', () => {
  live.start(0);
  hello(0);
  cut(4001);
  assert.equal(out.states.at(-1), 'expired');
  assert.deepEqual(out.waits, []);
});

test('an absence of more than 5,000 events takes a fresh tail', async () => {
  live.start(0);
  hello(5000);
  assert.deepEqual(out.resyncs, []);
  cut();
  retry();
  hello(5001);
  await null;
  assert.deepEqual(out.resyncs, ['gap']);
});

test('a head that stays ahead of what comes is asked for again', () => {
  live.start(0);
  hello(0);
  const beat = (ms) => {
    now += ms;
    frame({ type: 'heartbeat', head: 3 });
  };
  beat(0);
  beat(4000);
  assert.deepEqual(out.opened, [0]);
  beat(1);
  retry();
  assert.deepEqual(out.opened, [0, 0]);
});
