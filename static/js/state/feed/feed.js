// The events that this page remembers: newest last, bounded, taken over in calm batches.
import { batch, computed, effect, signal, untracked } from '@preact/signals';
import { params } from '../../router.js';
import { fold, isIssue, matches } from '../../live/fold.js';
import { paused, resumeAway } from './pause.js';
import { busySeconds, grouped, trim, withHole } from '../../live/storm.js';
import { TAIL, takeTail } from './tail.js';

const KEEP = 2000;
const LATE_MS = 100;
const FLUSH_MS = 250; // at most four times a second; the first after a calm at once

export const items = signal([]);
export const loaded = signal(false);
export const notice = signal(null); // {key, values}: what the reader must know about a hole
const held = signal(null); // while paused: the items as they were
const tooMany = signal(false); // while paused: no more ordinary events are kept
const holed = signal(false); // ordinary events were let go of, older ones with an alert are here
const opened = signal(new Set());
const listeners = new Set();
let queue = [];
let timer = null;
let frame = 0;
let flushedAt = 0;
let missed = 0; // events since the pause

export const filter = computed(() => params.value.get('show') || 'all');

export const rows = computed(() => {
  const list = held.value ?? items.value;
  const chosen = list.filter((item) => matches(item, filter.value)).toReversed();
  const shown = holed.value && filter.value === 'all' ? withHole(chosen) : chosen;
  return grouped(shown, busySeconds(list), opened.value);
});

export const waiting = computed(() => {
  if (!held.value) return { n: 0, critical: 0, hidden: 0, tooMany: false };
  const last = held.value.at(-1)?.seq ?? 0;
  const fresh = items.value.filter((item) => item.seq > last && item.kind !== 'separator');
  const seen = fresh.filter((item) => matches(item, filter.value));
  const critical = seen.filter((item) => isIssue(item) && item.severity === 'critical').length;
  return { n: seen.length, critical, hidden: fresh.length - seen.length, tooMany: tooMany.value };
});

function hold(list) {
  missed = 0;
  held.value = list;
  if (tooMany.value) reload();
}

effect(() => {
  const still = paused.value;
  untracked(() => still !== Boolean(held.value) && hold(still ? items.value : null));
});

// Shows what waited; the reader who still rests on the rows then has the new ones held.
export function showNew() {
  batch(() => {
    resumeAway();
    hold(paused.value ? items.value : null);
  });
}

export function toggleGroup(key) {
  const next = new Set(opened.value);
  if (!next.delete(key)) next.add(key);
  opened.value = next;
}

export function onFlush(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const taken = (event, more) => ({ ...event, ...more, second: Math.floor(Date.parse(event.at) / 1000) });

export function receive(events, replayed) {
  const arrived = replayed ? 0 : Date.now();
  for (const event of events) queue.push(taken(event, { arrived, replayed }));
  // Timers sleep in a hidden tab; the queue must stay bounded all the same.
  if (queue.length > KEEP) flush();
  else timer ??= setTimeout(soon, Math.max(0, flushedAt + FLUSH_MS - Date.now()));
}

// With the next frame; a window that is covered draws few, and shows its events all the same.
function soon() {
  frame = requestAnimationFrame(flush);
  timer = setTimeout(flush, LATE_MS);
}

function remember(list) {
  const kept = trim(list, KEEP);
  batch(() => {
    if (kept.length < list.length) holed.value = true;
    items.value = kept;
  });
}

function flush() {
  clearTimeout(timer);
  cancelAnimationFrame(frame);
  timer = null;
  flushedAt = Date.now();
  const fresh = queue;
  queue = [];
  if (!fresh.length) return;
  missed += fresh.length;
  if (held.value && missed >= KEEP) tooMany.value = true;
  remember(fold(items.value, tooMany.value ? fresh.filter(isIssue) : fresh));
  listeners.forEach((listener) => listener(fresh));
}

// A new beginning: the tail that the server has now.
export function replaceAll(events) {
  queue = [];
  batch(() => {
    items.value = fold(
      [],
      events.map((event) => taken(event, { arrived: 0 })),
    );
    [holed.value, tooMany.value, loaded.value] = [false, false, true];
    if (held.value) held.value = items.value;
  });
}

// After a pause that was too long: the newest events again, beside the kept ones with an alert.
async function reload() {
  tooMany.value = false;
  try {
    const { events, last } = await takeTail();
    const first = events[0]?.seq ?? last;
    const older = items.value.filter((item) => item.seq < first && isIssue(item));
    const tail = events.map((event) => taken(event, { arrived: 0 }));
    holed.value = true;
    items.value = [...fold(older, tail), ...items.value.filter((item) => item.seq > last)];
    if (held.value) held.value = items.value;
  } catch {
    notice.value = { key: 'feed.reload.failed', values: { n: TAIL } };
  }
}

// The line under a replayed block, so that the reader sees where the cut was.
export function markReplay({ from, total, lostAt }, until) {
  flush();
  const at = items.value.findIndex((item) => item.seq >= from);
  if (at < 0) return;
  const line = {
    seq: from - 0.5,
    kind: 'separator',
    severity: 'info',
    second: 0,
    data: { n: total, from: lostAt, to: until },
  };
  items.value = items.value.toSpliced(at, 0, line);
}
