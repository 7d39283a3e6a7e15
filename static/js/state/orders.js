// The order search: what is asked stands in the address; pages go forward by the server's cursor.
import { computed, signal } from '@preact/signals';
import { get, query } from '../http.js';
import { go, orderPath, params } from '../router.js';
import { isExact } from '../search.js';

export const PAGE = 50;
export const STATUSES = ['INIT', 'WAIT_PAY', 'PAID', 'CLOSED', 'REFUNDING', 'PARTIALLY_REFUNDED', 'REFUNDED'];

export const asked = computed(() => params.value.get('q') || '');
export const status = computed(() => params.value.get('status') || '');
export const merchant = computed(() => params.value.get('merchant') || '');

export const page = signal(null); // {key, orders, next, number}
export const error = signal(null);
export const busy = signal(false);
let cursors = ['']; // where each page began, so that "previous" is the same page again
let running = null;
let inFlight = null; // the box and the address may ask the same at the same moment

const keyNow = () => `${asked.value}\n${status.value}\n${merchant.value}`;
export const current = computed(() => (page.value?.key === keyNow() ? page.value : null));

async function load(number) {
  running?.abort();
  running = new AbortController();
  const { signal: abort } = running;
  const key = keyNow();
  [busy.value, error.value] = [true, null];
  try {
    const found = await get(`orders?${query({ q: asked.value, status: status.value, merchant: merchant.value, before: cursors[number], limit: PAGE })}`, { signal: abort });
    cursors = [...cursors.slice(0, number + 1), found.next];
    page.value = { key, number, orders: found.orders, next: found.next };
    return found.orders;
  } catch (problem) {
    if (problem.name === 'AbortError') return null;
    error.value = problem;
    return null;
  } finally {
    if (!abort.aborted) busy.value = false;
  }
}

export function search() {
  if (inFlight?.key === keyNow()) return inFlight.answer;
  cursors = [''];
  const mine = { key: keyNow(), answer: load(0) };
  inFlight = mine;
  mine.answer.finally(() => { if (inFlight === mine) inFlight = null; });
  return mine.answer;
}

// Opens the one order that was named by its whole number, unless the reader went on meanwhile.
export async function openExact(text) {
  const orders = current.value?.orders ?? await search();
  const exact = text && orders?.length === 1 && isExact(orders[0], text);
  if (exact && asked.value === text) go(orderPath(orders[0].orderNum));
}

export const nextPage = () => load(page.value.number + 1);
export const previousPage = () => load(page.value.number - 1);
export const again = () => load(current.value?.number ?? 0);
