// Which differences are chosen, and the word of an admin that resolves them, one request each.
import { signal } from '@preact/signals';
import { post } from '../../http.js';
import { faultWords } from '../../sentences/faults.js';
import { t } from '../../words/index.js';
import { choiceOf } from '../choice.js';
import { may } from '../session.js';
import { toast } from '../toasts.js';
import { keepDifference, list, refreshDay } from './day.js';

const AT_ONCE = 4;

export const sending = signal(null); // {done, all} while words are sent

export const mayPick = (difference) => may('resolve') && difference.status === 'open';
// One that the list does not show, or that is resolved by now, is not chosen.
export const choice = choiceOf(list, mayPick);
export const { picked, pick, unpick, toggle, isPicked } = choice;

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

// True when every one of them is resolved by this word; by another's, the word is still in the hands of its writer.
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
  return results.every(({ error, faster }) => !error && !faster);
}
