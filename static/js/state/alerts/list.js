// Which alerts the list page shows: by tab, kind, severity and person, all of them from the address.
import { computed, effect, signal } from '@preact/signals';
import { get, query } from '../../http.js';
import { params } from '../../router.js';
import { latest, unresolved, worstFirst } from './unresolved.js';
import { user } from '../session.js';

export const TABS = ['unresolved', 'open', 'acknowledged', 'resolved', 'all'];
export const ME = '~me';
export const NOBODY = '~nobody';
const PAGE = 50;
const FIRST_ROWS = 100;

const param = (name) => computed(() => params.value.get(name) || '');
export const tab = computed(() => (TABS.includes(params.value.get('tab')) ? params.value.get('tab') : 'unresolved'));
export const filters = { severity: param('severity'), kind: param('kind'), assignee: param('assignee') };
export const isFiltered = computed(() => Object.values(filters).some(({ value }) => value));
// The unresolved ones are in memory already; the others come page by page.
export const isPaged = computed(() => tab.value === 'resolved' || tab.value === 'all');

const paged = signal({ key: null, list: null, next: null });
export const pagedError = signal(null);
export const pagedBusy = signal(false);
const room = signal(FIRST_ROWS); // rows in the page, of those in memory
export const showMore = () => {
  room.value += FIRST_ROWS;
};

const wanted = () => ({ severity: filters.severity.value, kind: filters.kind.value, assignee: filters.assignee.value });
export const viewKey = computed(() => [tab.value, ...Object.values(wanted())].join(' '));

export async function loadPage({ more = false } = {}) {
  const key = viewKey.value;
  const before = more ? paged.value.next : '';
  const known = more ? paged.value.list : [];
  [pagedBusy.value, pagedError.value] = [true, null];
  const status = tab.value === 'all' ? '' : tab.value;
  try {
    const answer = await get(`alerts?${query({ ...wanted(), status, before, limit: PAGE })}`);
    if (key === viewKey.value) paged.value = { key, list: [...known, ...answer.alerts], next: answer.next };
  } catch (error) {
    if (key === viewKey.value) pagedError.value = error;
  } finally {
    pagedBusy.value = false;
  }
}

// News while a page is open: the first page anew; who has read on keeps the place.
export function followNews() {
  if (isPaged.value && !pagedBusy.value && (paged.value.list?.length ?? 0) <= PAGE) loadPage();
}

// Follows an action of this page without asking for the pages again.
effect(() => {
  const alert = latest.value;
  const { list } = paged.peek();
  if (alert && list) {
    paged.value = { ...paged.peek(), list: list.map((entry) => (entry.id === alert.id ? alert : entry)) };
  }
});

const pagedNow = computed(() => (paged.value.key === viewKey.value ? paged.value : { list: null, next: null }));

const HAS = {
  [ME]: (alert) => alert.assignee === user.value?.name,
  [NOBODY]: (alert) => !alert.assignee,
};
const isOf = (alert, person) => (HAS[person] ? HAS[person](alert) : alert.assignee === person);

function fits(alert) {
  const { severity, kind, assignee } = wanted();
  return (
    (!severity || alert.severity === severity) &&
    (!kind || alert.kind === kind) &&
    (!assignee || isOf(alert, assignee)) &&
    (tab.value === 'unresolved' || alert.status === tab.value)
  );
}

const whole = computed(
  () => (isPaged.value ? pagedNow.value.list : unresolved.data.value?.list.filter(fits).sort(worstFirst)) ?? null,
);
export const listed = computed(() => (isPaged.value ? whole.value : (whole.value?.slice(0, room.value) ?? null)));
export const total = computed(() => whole.value?.length ?? 0);
export const hasMore = computed(() => (isPaged.value ? Boolean(pagedNow.value.next) : total.value > room.value));

export const countOf = (name) => {
  const { list, more } = unresolved.data.value ?? {};
  if (!list || name === 'resolved' || name === 'all') return null;
  const n = name === 'unresolved' ? list.length : list.filter((alert) => alert.status === name).length;
  return more ? `${n}+` : n;
};
