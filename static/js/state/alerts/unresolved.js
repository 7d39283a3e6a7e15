// The unresolved alerts, shared by the monitor, the alert list and the badge in the navigation.
import { computed, signal } from '@preact/signals';
import { span } from '../../values/format.js';
import { ApiError, get, post, query } from '../../http.js';
import { faultWords } from '../../sentences/faults.js';
import { t } from '../../words/index.js';
import { serverNow } from '../clock.js';
import { loader } from '../loader.js';
import { user } from '../session.js';
import { toast } from '../toasts.js';

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];
export const KINDS = [
  'amount_mismatch',
  'negative_total',
  'illegal_transition',
  'missing_order',
  'bad_signature',
  'foreign_merchant',
  'refund_anomaly',
  'reconcile_gap',
  'system',
];
const MOST = 100;
const PAGES = 5; // what is beyond is in the paged tabs

const rank = (alert) => SEVERITIES.indexOf(alert.severity);
export const worstFirst = (a, b) => rank(a) - rank(b) || Date.parse(b.lastSeen) - Date.parse(a.lastSeen);

async function ask() {
  const list = [];
  let next = '';
  for (let page = 0; page < PAGES && next !== null; page += 1) {
    const answer = await get(`alerts?${query({ status: 'unresolved', before: next, limit: MOST })}`);
    list.push(...answer.alerts);
    next = answer.next;
  }
  return { list: list.sort(worstFirst), more: next !== null };
}

export const unresolved = loader(ask);
export const unresolvedCount = computed(() => unresolved.data.value?.list.length ?? 0);
export const unresolvedText = computed(() => (unresolvedCount.value > 99 ? '99+' : String(unresolvedCount.value)));
export const latest = signal(null); // the alert that was changed last from here, for who else shows it

function replace(alert) {
  const kept = unresolved.data.value;
  if (!kept) return;
  const others = kept.list.filter((entry) => entry.id !== alert.id);
  const list = alert.status === 'resolved' ? others : [...others, alert].sort(worstFirst);
  unresolved.data.value = { ...kept, list };
}

export function show(alert) {
  replace(alert);
  latest.value = alert;
}

const send = (alert, action, words) =>
  post(`alerts/${encodeURIComponent(alert.id)}/${action}`, { version: alert.version, ...words });
export const guess = (alert) => ({ ...alert, status: 'acknowledged', assignee: user.value.name });

// Back to what it was: open, and in the hands that had it.
async function undoResolve(resolved) {
  const reopened = await act(resolved, 'reopen');
  if (reopened?.status === 'open' && resolved.assignee) {
    await act(reopened, 'assign', { assignee: resolved.assignee }, true);
  }
}

// Sends one action with the version that the reader saw. A claim shows at once, and is taken back
// if it fails. Someone faster: says who, shows theirs, and returns nothing.
export async function act(alert, action, words = {}, quiet = false) {
  if (action === 'acknowledge') show(guess(alert));
  try {
    const answer = await send(alert, action, words);
    show(answer.alert);
    const undo = action === 'resolve' && user.value.role === 'admin' ? () => undoResolve(answer.alert) : null;
    if (!quiet) toast('ok', t(`alerts.done.${action}`, { name: answer.alert.assignee ?? '' }), undo);
    return answer.alert;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (action === 'acknowledge') show(alert);
    return beaten(error, action);
  }
}

// The person who has the case, and since when, in one sentence.
function takenWords(alert) {
  const taken = alert.history.findLast(({ action }) => action === 'acknowledged' || action === 'assigned');
  const ms = Math.max(1000, serverNow() - Date.parse(taken?.at));
  return t('alerts.taken.since', { name: alert.assignee, t: Number.isFinite(ms) ? span(ms) : '' });
}

function beaten(error, action) {
  const theirs = error.code === 'conflict' ? error.body?.alert : null;
  if (theirs) show(theirs);
  if (error.code === 'conflict') {
    const taken = action === 'acknowledge' && theirs?.assignee && theirs.assignee !== user.value.name;
    toast('crit', taken ? takenWords(theirs) : t('alerts.changed'));
  } else {
    toast('crit', t('alerts.failed', { message: faultWords(error) }));
  }
  unresolved.refresh();
  return undefined;
}
