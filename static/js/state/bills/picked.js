// Which differences are chosen, and the word of an admin that resolves them, one request each.
import { computed, signal } from '@preact/signals';
import { post } from '../../http.js';
import { faultWords } from '../../sentences/faults.js';
import { t } from '../../words/index.js';
import { may } from '../session.js';
import { toast } from '../toasts.js';
import { keepDifference, list, refreshDay } from './day.js';

export const MOST = 100;
const AT_ONCE = 4;

const ids = signal(new Set());
export const sending = signal(null); // {done, all} while words are sent

export const mayPick = (difference) => may('resolve') && difference.status === 'open';
// One that the list does not show, or that is resolved by now, is not chosen.
export const picked = computed(() =>
  (list.value ?? []).filter((each) => ids.value.has(each.id) && mayPick(each)).slice(0, MOST),
);
const pickable = () => (list.value ?? []).filter(mayPick).slice(0, MOST);
export const isPicked = ({ id }) => ids.value.has(id);
export const allPicked = computed(() => picked.value.length > 0 && picked.value.length === pickable().length);

export const pick = (some) => {
  ids.value = new Set([...ids.value, ...some.filter(mayPick).map(({ id }) => id)]);
};
export const unpick = () => {
  ids.value = new Set();
};
export const pickAll = () => (allPicked.value ? unpick() : pick(pickable()));
export function toggle({ id }) {
  const next = new Set(ids.value);
  if (!next.delete(id)) next.add(id);
  ids.value = next;
}

// {fresh} when it is resolved, or was, by somebody faster ({faster}); {error} otherwise.
async function send(difference, words) {
  try {
    const { difference: fresh } = await post(`differences/${difference.id}/resolve`, words);
    return { fresh };
  } catch (error) {
    const theirs = error.code === 'conflict' ? error.body?.difference : null;
    return theirs ? { fresh: theirs, faster: true } : { error };
  }
}

function tell(results) {
  const done = results.filter(({ fresh, faster }) => fresh && !faster).length;
  const faster = results.filter((each) => each.faster).length;
  const failed = results.filter(({ error }) => error);
  const notes = [
    faster && t('recon.resolve.faster', { n: faster }),
    failed.length && t('recon.resolve.failed', { n: failed.length, why: faultWords(failed[0].error) }),
  ].filter(Boolean);
  toast(failed.length ? 'crit' : faster ? 'warn' : 'ok', [t('recon.resolve.done', { n: done }), ...notes].join(' '));
}

// True when every one of them is resolved, by this word or by another's.
export async function resolve(differences, words) {
  const [waiting, results] = [[...differences], []];
  sending.value = { done: 0, all: differences.length };
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const result = await send(next, words);
      results.push(result);
      if (result.fresh) keepDifference(result.fresh);
      sending.value = { done: results.length, all: differences.length };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  sending.value = null;
  tell(results);
  refreshDay();
  return results.every(({ error }) => !error);
}
