// Which alerts of the list are chosen, and what is done with all of them.
import { computed, signal } from '@preact/signals';
import { post } from '../../http.js';
import { t } from '../../words/index.js';
import { listed } from './list.js';
import { guess, show, unresolved } from './unresolved.js';
import { user } from '../session.js';
import { toast } from '../toasts.js';

const MOST = 100; // the server takes so many in one go

const ids = signal(new Set());
export const bulkDialog = signal(null); // 'assign' or 'resolve' while it is open
export const bulkBusy = signal(false);

// A case that the list does not show is not chosen.
export const picked = computed(() => (listed.value ?? []).filter((alert) => ids.value.has(alert.id)).slice(0, MOST));
export const isPicked = (alert) => ids.value.has(alert.id);
export const allPicked = computed(
  () => picked.value.length > 0 && picked.value.length === Math.min(listed.value.length, MOST),
);

export const pick = (list) => {
  ids.value = new Set([...ids.value, ...list.map(({ id }) => id)]);
};
export const unpick = () => {
  ids.value = new Set();
};
export const pickAll = () => (allPicked.value ? unpick() : pick((listed.value ?? []).slice(0, MOST)));

export function toggle({ id }) {
  const next = new Set(ids.value);
  if (!next.delete(id)) next.add(id);
  ids.value = next;
}

// One undo for all of them; those that were in somebody's hands are given back.
async function undoResolve(results) {
  const resolved = results.map(({ alert }) => alert);
  const reopened = (await send('reopen', resolved, {})).filter(({ error }) => !error).map(({ alert }) => alert);
  const owners = new Map(resolved.map(({ id, assignee }) => [id, assignee]));
  for (const name of new Set([...owners.values()].filter(Boolean))) {
    await send(
      'assign',
      reopened.filter(({ id }) => owners.get(id) === name),
      { assignee: name },
    );
  }
  toast('ok', t('bulk.done.reopen', { n: reopened.length }));
}

async function send(action, alerts, words) {
  if (!alerts.length) return [];
  const { results } = await post(`alerts/bulk/${action}`, {
    alerts: alerts.map(({ id, version }) => ({ id, version })),
    ...words,
  });
  results.forEach(({ alert }) => alert && show(alert));
  return results;
}

// Told plainly: how many, and who was faster with the others.
function tell(action, results) {
  const done = results.filter(({ error }) => !error);
  const lost = results.filter(({ error }) => error);
  const undo = action === 'resolve' && done.length ? () => undoResolve(done) : null;
  const names = [
    ...new Set(lost.map(({ alert }) => alert?.assignee).filter((name) => name && name !== user.value.name)),
  ];
  const values = { n: done.length, all: results.length, m: lost.length, names: names.join('、') };
  if (!lost.length) return toast('ok', t(`bulk.done.${action}`, values), undo);
  const why = t(names.length ? 'bulk.faster' : 'bulk.changed', values);
  return toast(done.length ? 'warn' : 'crit', `${t(`bulk.part.${action}`, values)}${why}`, undo);
}

export async function actOnPicked(action, words = {}) {
  const alerts = picked.value;
  if (!alerts.length || bulkBusy.value) return false;
  bulkBusy.value = true;
  if (action === 'acknowledge') alerts.filter(({ status }) => status === 'open').forEach((alert) => show(guess(alert)));
  try {
    tell(action, await send(action, alerts, words));
    unpick();
    return true;
  } catch (error) {
    if (action === 'acknowledge') alerts.forEach(show);
    toast('crit', t('alerts.failed', { message: error.message || t('error.network') }));
    return false;
  } finally {
    bulkBusy.value = false;
    unresolved.refresh();
  }
}
