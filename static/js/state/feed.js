// The events that this page remembers: newest last, bounded, taken over in calm batches.
import { batch, computed, signal } from '@preact/signals';
import { params } from '../router.js';
import { fold, isIssue, matches } from './fold.js';

const KEEP = 2000;
export const SHOW = 100; // rows in the page; older ones are in the order search
const FLUSH_MS = 250; // at most four times a second; the first after a calm at once

export const items = signal([]);
export const loaded = signal(false);
export const notice = signal(null); // {key, values}: what the reader must know about a hole
const held = signal(null); // while paused: the items as they were
const pauses = signal(new Set());
const listeners = new Set();
let queue = [];
let flushing = null;
let flushedAt = 0;

export const filter = computed(() => params.value.get('show') || 'all');
export const paused = computed(() => pauses.value.size > 0);
export const pauseReason = computed(() => ['manual', 'hover', 'focus', 'scroll'].find((why) => pauses.value.has(why)) ?? null);

export const rows = computed(() => {
  const chosen = (held.value ?? items.value).filter((item) => matches(item, filter.value));
  return chosen.slice(-SHOW).reverse();
});

export const waiting = computed(() => {
  if (!held.value) return { n: 0, critical: 0, hidden: 0, tooMany: false };
  const last = held.value.at(-1)?.seq ?? 0;
  const fresh = items.value.filter((item) => item.seq > last && item.kind !== 'separator');
  const seen = fresh.filter((item) => matches(item, filter.value));
  const critical = seen.filter((item) => isIssue(item) && item.severity === 'critical').length;
  return { n: seen.length, critical, hidden: fresh.length - seen.length, tooMany: fresh.length >= KEEP };
});

export function pause(why) {
  if (pauses.value.has(why)) return;
  batch(() => {
    held.value ??= items.value;
    pauses.value = new Set([...pauses.value, why]);
  });
}

export function resume(why) {
  if (!pauses.value.has(why)) return;
  const rest = new Set([...pauses.value].filter((other) => other !== why));
  batch(() => {
    pauses.value = rest;
    if (rest.size === 0) held.value = null;
  });
}

export function resumeAll() {
  batch(() => {
    pauses.value = new Set();
    held.value = null;
  });
}

// Shows what waited, and goes on holding if a pointer or the keyboard still rests on the rows.
export function showNew() {
  const rest = new Set([...pauses.value].filter((why) => why === 'hover' || why === 'focus'));
  batch(() => {
    pauses.value = rest;
    held.value = rest.size ? items.value : null;
  });
}

export const togglePause = () => (paused.value ? resumeAll() : pause('manual'));

export function onFlush(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function receive(events, replayed) {
  const arrived = replayed ? 0 : Date.now();
  for (const event of events) queue.push({ ...event, arrived, replayed });
  // Timers sleep in a hidden tab; the queue must stay bounded all the same.
  if (queue.length > KEEP) flush();
  else flushing ??= setTimeout(flush, Math.max(0, flushedAt + FLUSH_MS - Date.now()));
}

function flush() {
  clearTimeout(flushing);
  flushing = null;
  flushedAt = Date.now();
  const fresh = queue;
  queue = [];
  if (!fresh.length) return;
  items.value = fold(items.value, fresh).slice(-KEEP);
  listeners.forEach((listener) => listener(fresh));
}

// A new beginning: the tail that the server has now.
export function replaceAll(events) {
  queue = [];
  batch(() => {
    items.value = fold([], events.map((event) => ({ ...event, arrived: 0 })));
    loaded.value = true;
    if (held.value) held.value = items.value;
  });
}

// The line under a replayed block, so that the reader sees where the cut was.
export function markReplay({ from, total, lostAt }, until) {
  flush();
  const at = items.value.findIndex((item) => item.seq >= from);
  if (at < 0) return;
  const line = { seq: from - 0.5, kind: 'separator', severity: 'info', data: { n: total, from: lostAt, to: until } };
  items.value = items.value.toSpliced(at, 0, line);
}
