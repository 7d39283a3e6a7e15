// The order search: pages go forward by the server's cursor, and the browser's history keeps where the reader was.
import { computed, signal } from '@preact/signals';
import { get, query } from '../../http.js';
import { go, orderPath } from '../../router.js';
import { chooseOrderRows, orderRows } from '../prefs.js';
import { asked, filters } from './filters.js';

export const SIZES = [20, 50, 100];
const COUNTED = /^(\d{4}|o[\w-]{5,27})$/;
const LOOKS = 10; // an answer looks back so far and no farther: a page that is not full asks so often

export const page = signal(null); // {key, orders, next, read, number, first, ms}
export const error = signal(null);
export const busy = signal(false);
let places = [{ first: 0 }]; // where each page begins, so that "previous" is the same page again
let running = null;
let inFlight = null; // the box and the address may ask the same at the same moment

const keyNow = () => `${filters.value} ${orderRows.value}`;
export const current = computed(() => (page.value?.key === keyNow() ? page.value : null));

async function load(number) {
  running?.abort();
  running = new AbortController();
  const { signal: abort } = running;
  const [key, began] = [keyNow(), performance.now()];
  const { before, top, first } = places[number];
  [busy.value, error.value] = [true, null];
  try {
    const { orders, next, read, ...found } = await look({ before, top }, abort);
    places = [
      ...places.slice(0, number),
      { before, top: before ? '' : found.top, first },
      { before: next, first: first + orders.length },
    ];
    page.value = { key, number, first, orders, next, read, ms: Math.round(performance.now() - began) };
    remember({});
    return page.value;
  } catch (problem) {
    if (problem.name === 'AbortError') return null;
    error.value = problem;
    return null;
  } finally {
    if (!abort.aborted) busy.value = false;
  }
}

// A page of orders, from several answers where few meet the conditions; but a search for a person, which is
// counted, is asked once.
async function look(place, abort) {
  const [asks, rows] = [filters.value, orderRows.value];
  const ask = (more) => get(`orders?${asks}&${query(more)}`, { signal: abort });
  let found = await ask({ ...place, limit: rows });
  const isCounted = /phone|openid/.test(found.read?.as) || COUNTED.test(asked.value.normalize('NFKC').trim());
  const most = isCounted ? 1 : LOOKS;
  for (let looks = 1; looks < most && found.next && found.orders.length < rows; looks += 1) {
    const more = await ask({ before: found.next, limit: rows - found.orders.length });
    if (more.read?.as !== found.read?.as) break; // the text is read in another way: that is another page
    found = { ...found, orders: [...found.orders, ...more.orders], next: more.next };
  }
  return found;
}

export function search() {
  if (inFlight?.key === keyNow()) return inFlight.answer;
  places = [{ first: 0 }];
  if (current.value?.number) page.value = null;
  const mine = { key: keyNow(), answer: load(0) };
  inFlight = mine;
  mine.answer.finally(() => {
    if (inFlight === mine) inFlight = null;
  });
  return mine.answer;
}

// The entry of the history knows the page and the place in it, so that Back brings both again.
export function remember(more) {
  if (!current.value || location.pathname !== '/orders') return;
  const was = history.state?.orders ?? {};
  history.replaceState({ orders: { ...was, places: places.slice(0, current.value.number + 1), ...more } }, '');
}

// Comes back to a page that was left by a link; the scroll position, or null for a fresh search.
export async function comeBack() {
  const was = history.state?.orders;
  if (!was?.places?.length) return null;
  places = was.places;
  const number = places.length - 1;
  const fresh = load(number); // what is in memory is shown meanwhile
  if (current.value?.number !== number) await fresh;
  return was.scroll ?? 0;
}

// Opens the one order that was named by its whole number, unless the reader went on meanwhile.
export async function openExact(text) {
  const found = current.value ?? (await search());
  if (found?.read?.exact && asked.value === text) go(orderPath(found.orders[0].orderNum));
}

export const nextPage = () => load(page.value.number + 1);
export const previousPage = () => load(page.value.number - 1);
export const again = () => load(current.value?.number ?? 0);

export function chooseRows(n) {
  chooseOrderRows(n);
  search();
}
