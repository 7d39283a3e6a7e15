// The unresolved alerts, shared by the monitor, the alert list and the badge in the navigation.
import { computed } from '@preact/signals';
import { ApiError, get, post, query } from '../http.js';
import { t } from '../words/index.js';
import { loader } from './loader.js';
import { toast } from './toasts.js';

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];
export const KINDS = ['amount_mismatch', 'negative_total', 'illegal_transition', 'missing_order', 'bad_signature',
  'foreign_merchant', 'refund_anomaly', 'system'];
const MOST = 100;

export const rank = (alert) => SEVERITIES.indexOf(alert.severity);
export const worstFirst = (a, b) => rank(a) - rank(b) || Date.parse(b.lastSeen) - Date.parse(a.lastSeen);

async function ask() {
  const [open, claimed] = await Promise.all(['open', 'acknowledged']
    .map((status) => get(`alerts?${query({ status, limit: MOST })}`)));
  return { list: [...open.alerts, ...claimed.alerts].sort(worstFirst), more: Boolean(open.next || claimed.next) };
}

export const unresolved = loader(ask);
export const unresolvedCount = computed(() => unresolved.data.value?.list.length ?? 0);
export const unresolvedText = computed(() => (unresolvedCount.value > 99 ? '99+' : String(unresolvedCount.value)));
function replace(alert) {
  const kept = unresolved.data.value;
  if (!kept) return;
  const others = kept.list.filter((entry) => entry.id !== alert.id);
  const list = alert.status === 'resolved' ? others : [...others, alert].sort(worstFirst);
  unresolved.data.value = { ...kept, list };
}

// Sends one action with the version that the reader saw. Someone faster: says who, and takes theirs.
export async function act(alert, action, words = {}) {
  try {
    const answer = await post(`alerts/${encodeURIComponent(alert.id)}/${action}`, { version: alert.version, ...words });
    replace(answer.alert);
    const undo = action === 'resolve' ? () => act(answer.alert, 'reopen') : null;
    toast('ok', t(`alerts.done.${action}`), undo);
    return answer.alert;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return beaten(error, action);
  }
}

function beaten(error, action) {
  const theirs = error.code === 'conflict' ? error.body?.alert : null;
  if (theirs) replace(theirs);
  if (error.code === 'conflict') {
    const taken = action === 'acknowledge' && theirs?.assignee;
    toast('crit', taken ? t('alerts.taken', { name: theirs.assignee }) : t('alerts.changed'));
  } else {
    toast('crit', t('alerts.failed', { message: error.message || t('error.network') }));
  }
  unresolved.refresh();
  return theirs;
}
