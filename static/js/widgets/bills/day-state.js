// What is going on with a day in words: the work on it, or why there is no bill, and what happens next.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { problemWords, progressWords, stepWord } from '../../sentences/bills.js';
import { day, dayState, work } from '../../state/bills/day.js';
import { stampAt } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { t } from '../../words/index.js';
import { Empty } from '../parts/states.js';
import { FetchButton, FileButton } from './day-head.js';

export function Work() {
  const progress = work();
  if (!progress) return null;
  const { done, whole } = progress;
  const known = whole > 0;
  return html`
    <section class="card bill-work" aria-live="polite">
      <p>
        <b>${stepWord(progress.step)}</b> <span class="quiet">${progressWords(progress)}</span>
      </p>
      <progress
        max=${known ? whole : undefined}
        value=${known ? done : undefined}
        aria-label=${stepWord(progress.step)}
      ></progress>
      <p class="small quiet">${t('recon.step.leave')}</p>
    </section>
  `;
}

// When it is tried again by itself, and what a person can do instead.
function Next() {
  const { dueAt, tries } = day.value;
  const words = [
    dueAt ? t('recon.due', { time: stampAt(dueAt) }) : t('recon.due.none'),
    tries > 0 && t('recon.tries', { n: tries }),
  ].filter(Boolean);
  return html`${words.join(' ')}${may('fetchBill') && html` ${t('recon.due.file')}`}`;
}

const Deeds = () =>
  may('fetchBill') &&
  html`
    <${FetchButton} primary />
    <${FileButton} />
  `;

const EMPTY = {
  waiting: ['pending', 'wait', true],
  unknown: ['created', 'unknown', true],
  failed: ['failed', 'failed', true],
  none: ['closed', 'none', false],
  old: ['closed', 'old', false],
  future: ['clock', 'future', false],
};

// In place of the figures, where there are none.
export function NoBill() {
  const state = dayState.value;
  const { problem } = day.value ?? {};
  const [icon, key, deeds] = EMPTY[state] ?? EMPTY.waiting;
  const why = problem ? problemWords(problem) : t(key === 'failed' ? 'bpr.internal' : `recon.${key}.why`);
  return html`
    <section class="card no-bill">
      <${Empty}
        icon=${icon}
        tone=${state === 'failed' ? 'crit' : 'quiet'}
        title=${t(`recon.${key}.title`)}
        why=${html`
          ${why}
          ${deeds && day.value && html`
            <br />
            <${Next} />
          `}
        `}
      >
        ${deeds && html`<${Deeds} />`}
      <//>
    </section>
  `;
}

// An earlier bill was matched, and a newer one was not.
export function Stale() {
  const { problem, fetchedAt } = day.value ?? {};
  if (!problem || !fetchedAt || work()) return null;
  return html`
    <p class="note-box warn">
      <${Icon} name="high" tone="warn" />
      <span>
        <b>${t('recon.stale.title')}</b> ${problemWords(problem)} <${Next} />
      </span>
    </p>
  `;
}
