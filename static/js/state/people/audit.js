// The audit log, a page at a time, with the filters of the address; and whether its newest rows are whole.
import { computed, signal } from '@preact/signals';
import { get, query } from '../../http.js';
import { params } from '../../router.js';

const PAGE = 50;
const DAY_MS = 86_400_000;
export const FILTERS = ['by', 'action', 'subject', 'from', 'to'];
export const filters = computed(() => Object.fromEntries(FILTERS.map((name) => [name, params.value.get(name) ?? ''])));
export const filtered = computed(() => FILTERS.some((name) => filters.value[name]));
const key = computed(() => JSON.stringify(filters.value));

const page = signal({ key: null, list: null, next: null });
const now = computed(() => (page.value.key === key.value ? page.value : { list: null, next: null }));
export const list = computed(() => now.value.list);
export const hasMore = computed(() => Boolean(now.value.next));
export const error = signal(null);
export const busy = signal(false);
export const proof = signal(null); // what the server says about the chain
let turn = 0;

// A day of Shanghai, whatever the browser's zone.
const dayStart = (day) => (/^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00+08:00`) : null);

function question(before) {
  const { by, action, subject, from, to } = filters.value;
  const end = dayStart(to);
  return query({
    by,
    action,
    subject,
    since: dayStart(from),
    until: end === null ? null : end + DAY_MS,
    before,
    limit: PAGE,
  });
}

async function load({ before = '', known = [] } = {}) {
  const [mine, asked] = [++turn, key.value];
  [busy.value, error.value] = [true, null];
  try {
    const { entries, next } = await get(`audit?${question(before)}`);
    if (mine === turn) page.value = { key: asked, list: [...known, ...entries], next };
  } catch (problem) {
    if (mine === turn) error.value = problem;
  } finally {
    if (mine === turn) busy.value = false;
  }
}

export const loadAudit = () => load();
export const loadMore = () => load({ before: now.value.next, known: list.value });

export async function verify() {
  proof.value = { busy: true };
  try {
    proof.value = await get('audit/verify');
  } catch (problem) {
    proof.value = { problem };
  }
}
