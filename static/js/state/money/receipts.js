// Money that is on no order yet: a page at a time by state, the sums, and a decision about one.
import { computed, signal } from '@preact/signals';
import { get, post, query } from '../../http.js';
import { params } from '../../router.js';
import { confirmed } from '../people/confirm-password.js';

export const STATES = ['waiting', 'proposed', 'refunding', 'refunded', 'accepted', 'booked', 'all'];
const PAGE = 50;
const GAP_MS = 3000; // in busy hours every payment moves the sums

export const state = computed(() =>
  STATES.includes(params.value.get('state')) ? params.value.get('state') : STATES[0],
);
export const chosenId = computed(() => params.value.get('id'));

const page = signal({ key: null, list: null, next: null });
export const sums = signal(null);
export const limitFen = signal(null);
export const error = signal(null);
export const busy = signal(false);
const now = computed(() => (page.value.key === state.value ? page.value : { list: null, next: null }));
export const list = computed(() => now.value.list);
export const hasMore = computed(() => Boolean(now.value.next));
const apart = signal(null); // the open one, also after it has left the list that it was opened from
let timer = null;
let turn = 0;

async function load({ before = '', known = [] } = {}) {
  const [key, mine] = [state.value, ++turn];
  [busy.value, error.value] = [true, null];
  try {
    const answer = await get(`receipts?${query({ state: key === 'all' ? '' : key, before, limit: PAGE })}`);
    if (mine !== turn) return;
    [sums.value, limitFen.value] = [answer.sums, answer.secondAdminFen];
    page.value = { key, list: [...known, ...answer.receipts], next: answer.next };
  } catch (problem) {
    if (mine === turn) error.value = problem;
  } finally {
    if (mine === turn) busy.value = false;
  }
}

export const loadReceipts = () => load();
export const loadMore = () => load({ before: now.value.next, known: list.value });

// News of the stream: soon, and seldom; a reader who paged on keeps the pages that are open.
export function refreshSoon() {
  timer ??= setTimeout(() => {
    timer = null;
    if (!list.value || list.value.length <= PAGE) load();
  }, GAP_MS);
}

// The row stays where it is with its new state, so that nothing jumps under the reader.
export function keepReceipt(receipt) {
  apart.value = receipt;
  if (list.value) {
    page.value = { ...page.value, list: list.value.map((entry) => (entry.id === receipt.id ? receipt : entry)) };
  }
}

const isChosen = (receipt) => String(receipt?.id) === chosenId.value;
export const chosen = computed(() => list.value?.find(isChosen) ?? (isChosen(apart.value) ? apart.value : null));
export const missing = signal(null); // the id that there is no receipt of

// Pages begin before a number, so one row before the next number is this one.
export async function findChosen() {
  const id = chosenId.value;
  if (!id || !list.value || list.value.some(isChosen)) return;
  const before = /^\d{1,15}$/.test(id) ? Number(id) + 1 : 1;
  try {
    const [found] = (await get(`receipts?${query({ before, limit: 1 })}`)).receipts;
    if (String(found?.id) === id) apart.value = found;
    else missing.value = id;
  } catch (problem) {
    error.value = problem;
  }
}

// In the smallest unit of its currency; a part may have gone back on WeChat's platform.
export const leftOf = ({ amountFen, refundedFen, returningFen }) =>
  amountFen - (refundedFen ?? 0) - (returningFen ?? 0);
export const needsSecond = (receipt) => limitFen.value !== null && leftOf(receipt) >= limitFen.value;

export const decideReceipt = (receipt, action, note) =>
  confirmed(() =>
    post(`receipts/${encodeURIComponent(receipt.id)}/decide`, { action, version: receipt.version, note }),
  );
