// One day of one account with its differences, a page at a time; asked for again while it is worked on.
import { computed, effect, signal, untracked } from '@preact/signals';
import { get, post, query } from '../../http.js';
import { params } from '../../router.js';
import { cellState, isQueued } from '../../values/bill-days.js';
import { serverNow } from '../clock.js';
import { account, cellOf, date, month, refreshMonth } from './month.js';

const PAGE = 50;
const POLL_MS = 1500;
const GAP_MS = 400;
export const TABS = ['open', 'resolved', 'all'];

export const tab = computed(() => (TABS.includes(params.value.get('tab')) ? params.value.get('tab') : TABS[0]));
export const kind = computed(() => params.value.get('kind') || '');
const dayKey = computed(() => (date.value && account.value ? `${date.value} ${account.value}` : null));
const listKey = computed(() => dayKey.value && `${dayKey.value} ${tab.value} ${kind.value}`);

const held = signal({ key: null, list: null, next: null });
const heldDay = signal({ key: null, day: null, parts: [] });
const fault = signal({ key: null, error: null });
export const busy = signal(false);

export const day = computed(() => (heldDay.value.key === dayKey.value ? heldDay.value.day : null));
export const parts = computed(() => (heldDay.value.key === dayKey.value ? heldDay.value.parts : []));
export const list = computed(() => (held.value.key === listKey.value ? held.value.list : null));
export const hasMore = computed(() => held.value.key === listKey.value && Boolean(held.value.next));
export const error = computed(() => (fault.value.key === listKey.value ? fault.value.error : null));
const isWaiting = () => isQueued(day.value, serverNow());
// What a run does, or that one is to begin; null while nothing is under way.
export const work = () => day.value?.progress ?? (isWaiting() ? { step: 'queued', done: 0, whole: 0 } : null);
// The month knows whether there is a row of this day; the day itself is answered for either way.
export const dayState = computed(() => {
  const cell = cellOf(date.value, account.value);
  const known = cell || day.value?.progress ? (day.value ?? cell) : null;
  return cellState(date.value, known, month.value);
});
let turn = 0;
let timer = null;

async function load({ before = '', known = [] } = {}) {
  const [key, dayIs, mine] = [listKey.value, dayKey.value, ++turn];
  if (!key) return;
  const asked = {
    account: account.value,
    kind: kind.value,
    status: tab.value === 'all' ? '' : tab.value,
    before,
    limit: before ? PAGE : Math.min(100, Math.max(PAGE, held.value.key === key ? (list.value?.length ?? 0) : 0)),
  };
  busy.value = true;
  try {
    const answer = await get(`bills/${date.value}?${query(asked)}`);
    if (mine !== turn) return;
    fault.value = { key, error: null };
    heldDay.value = { key: dayIs, day: answer.day, parts: answer.parts };
    held.value = { key, list: [...known, ...answer.differences], next: answer.next };
  } catch (problem) {
    if (mine === turn) fault.value = { key, error: problem };
  } finally {
    if (mine === turn) busy.value = false;
  }
}

export const loadDay = () => load();
export const loadMore = () => load({ before: held.value.next, known: list.value });

// News of the stream: soon, and seldom.
export function refreshDay() {
  timer ??= setTimeout(() => {
    timer = null;
    load();
    refreshMonth();
  }, GAP_MS);
}

// The row stays where it is with its new state, so that nothing jumps under the reader.
export function keepDifference(fresh) {
  if (!list.value) return;
  held.value = { ...held.value, list: list.value.map((each) => (each.id === fresh.id ? fresh : each)) };
}

const keepDay = (fresh) => {
  if (heldDay.value.key === `${fresh.date} ${fresh.account}`) heldDay.value = { ...heldDay.value, day: fresh };
};

// Begins the work on the day; what comes of it is heard from the day itself.
export async function fetchDay() {
  keepDay(await post(`bills/${date.value}/fetch`, { account: account.value }));
  refreshMonth();
}
export const tookFile = (fresh) => {
  keepDay(fresh);
  refreshMonth();
};

// Of the day that shows; and again every moment while a run works on it.
export function followDay() {
  let poll = null;
  const stops = [
    effect(() => {
      if (listKey.value) untracked(loadDay);
    }),
    effect(() => {
      clearTimeout(poll);
      const { day: now } = heldDay.value;
      if (now?.progress || isQueued(now, serverNow())) poll = setTimeout(refreshDay, POLL_MS);
    }),
  ];
  return () => {
    clearTimeout(poll);
    stops.forEach((stop) => stop());
  };
}
