// Which alerts the list page shows: by tab, kind and severity, all three from the address.
import { computed, signal } from '@preact/signals';
import { get, query } from '../http.js';
import { params } from '../router.js';
import { unresolved, worstFirst } from './alerts.js';

export const TABS = ['unresolved', 'open', 'acknowledged', 'resolved', 'all'];
const PAGE = 50;

export const tab = computed(() => (TABS.includes(params.value.get('tab')) ? params.value.get('tab') : 'unresolved'));
export const kindFilter = computed(() => params.value.get('kind') || '');
export const severityFilter = computed(() => params.value.get('severity') || '');
// The unresolved ones are in memory already; the others come page by page.
export const isPaged = computed(() => tab.value === 'resolved' || tab.value === 'all');

const paged = signal({ key: null, list: null, next: null });
export const pagedError = signal(null);
export const pagedBusy = signal(false);

const keyNow = () => `${tab.value} ${kindFilter.value}`;

export async function loadPage({ more = false } = {}) {
  const key = keyNow();
  const before = more ? paged.value.next : '';
  const known = more ? paged.value.list : [];
  [pagedBusy.value, pagedError.value] = [true, null];
  const status = tab.value === 'all' ? '' : tab.value;
  try {
    const answer = await get(`alerts?${query({ status, kind: kindFilter.value, before, limit: PAGE })}`);
    if (key === keyNow()) paged.value = { key, list: [...known, ...answer.alerts], next: answer.next };
  } catch (error) {
    if (key === keyNow()) pagedError.value = error;
  } finally {
    pagedBusy.value = false;
  }
}

// Follows an action or a change by someone else without asking for the pages again.
export function keepInStep(alert) {
  if (!paged.value.list) return;
  paged.value = { ...paged.value, list: paged.value.list.map((entry) => (entry.id === alert.id ? alert : entry)) };
}

const pagedNow = computed(() => (paged.value.key === keyNow() ? paged.value : { list: null, next: null }));
export const hasMore = computed(() => isPaged.value && Boolean(pagedNow.value.next));

export const listed = computed(() => {
  const all = isPaged.value ? pagedNow.value.list : unresolved.data.value?.list;
  if (!all) return null;
  const fits = (alert) => (!kindFilter.value || alert.kind === kindFilter.value) && (!severityFilter.value || alert.severity === severityFilter.value)
    && (isPaged.value || tab.value === 'unresolved' || alert.status === tab.value);
  const chosen = all.filter(fits);
  return isPaged.value ? chosen : chosen.sort(worstFirst);
});

export const countOf = (name) => {
  const list = unresolved.data.value?.list;
  if (!list || name === 'resolved' || name === 'all') return null;
  return name === 'unresolved' ? list.length : list.filter((alert) => alert.status === name).length;
};
