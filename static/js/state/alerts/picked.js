// Which alerts of the list are chosen, and what is done with all of them.
import { signal } from '@preact/signals';
import { post } from '../../http.js';
import { t } from '../../words/index.js';
import { choiceOf } from '../choice.js';
import { listed } from './list.js';
import { guess, show, unresolved } from './unresolved.js';
import { user } from '../session.js';
import { toast } from '../toasts.js';

export const bulkDialog = signal(null); // 'assign' or 'resolve' while it is open
export const bulkBusy = signal(false);

// A case that the list does not show is not chosen.
export const choice = choiceOf(listed);
export const { picked, pick, unpick, toggle, isPicked } = choice;

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
  const unpaid = lost.some(({ error }) => error === 'not_refunded');
  const why = t(unpaid ? 'bulk.not_refunded' : names.length ? 'bulk.faster' : 'bulk.changed', values);
  return toast(done.length ? 'warn' : 'crit', `${t(`bulk.part.${action}`, values)}${why}`, undo);
}

export async function actOnPicked(action, words = {}) {
  const alerts = picked.value;
  if (!alerts.length || bulkBusy.value) return false;
  bulkBusy.value = true;
  if (action === 'acknowledge') alerts.filter(({ status }) => status === 'open').forEach((alert) => show(guess(alert)));
  try {
    const results = await send(action, alerts, words);
    tell(action, results);
    unpick();
    // What was not resolved stays chosen, as its words wait to be sent; a case that another has is his.
    if (action === 'resolve') pick(results.filter(({ error, alert }) => error && alert).map(({ alert }) => alert));
    return results.every(({ error }) => !error);
  } catch (error) {
    if (action === 'acknowledge') alerts.forEach(show);
    toast('crit', t('alerts.failed', { message: error.message || t('error.network') }));
    return false;
  } finally {
    bulkBusy.value = false;
    unresolved.refresh();
  }
}
