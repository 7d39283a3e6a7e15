// Above the rows of the feed: why it stands still, the filters, the pause, and what waits.
import { useState } from 'preact/hooks';
import { count } from '../../values/format.js';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { setParam } from '../../router.js';
import { second, skewMs } from '../../state/clock.js';
import { filter, loaded, notice, waiting } from '../../state/feed/feed.js';
import { FILTER_NAMES } from '../../live/fold.js';
import { paused, pausedAt, pauseReason, togglePause } from '../../state/feed/pause.js';
import { tailError } from '../../state/feed/connection.js';
import { t, word } from '../../words/index.js';

const LONG_MS = 10 * 60000;
const GLYPHS = { paid: 'paid', refunds: 'refund', failed: 'failed', issues: 'high' };
export const choose = (name) => setParam('show', name === 'all' ? '' : name);

function Filters({ open }) {
  const chosen = filter.value;
  const extra = chosen.startsWith('sev-') ? [chosen] : [];
  return html`
    <div class="feed-filters ${open ? 'open' : ''}" role="group" aria-label=${t('feed.filters')}>
      ${[...FILTER_NAMES, ...extra].map((name) => html`
        <button
          type="button"
          key=${name}
          class="chip"
          aria-pressed=${String(chosen === name)}
          onClick=${() => choose(chosen === name ? 'all' : name)}
        >
          ${GLYPHS[name] && html`<${Icon} name=${GLYPHS[name]} size=${14} />`}
          ${name.startsWith('sev-') ? word('sev', name.slice(4)) : t(`feed.${name}`)}
        </button>
      `)}
    </div>
  `;
}

function PauseButton() {
  const on = paused.value;
  return html`
    <button type="button" class="btn pause-button ${on ? 'accent' : ''}" onClick=${togglePause}>
      <${Icon} name=${on ? 'play' : 'pause'} size=${14} />
      <span class="pause-word">${t(on ? 'feed.resume' : 'feed.pause')}</span> <kbd aria-hidden="true">P</kbd>
    </button>
  `;
}

function Why() {
  const why = pauseReason.value;
  if (!why) return loaded.value || tailError.value ? null : html`<span class="quiet">${t('feed.loading')}</span>`;
  if (why !== 'manual') return t(`feed.paused.${why}`);
  const since = second.value - skewMs.value - pausedAt.value;
  return since < LONG_MS ? t('feed.paused') : t('feed.paused.long', { n: Math.floor(since / 60000) });
}

// On a phone the filters wait behind a button; `controls.focusFilters` opens them as well.
export function FeedHead({ controls }) {
  const [open, setOpen] = useState(false);
  controls.focusFilters = () => {
    setOpen(true);
    requestAnimationFrame(() => document.querySelector('.feed-filters [aria-pressed="true"]')?.focus());
  };
  return html`
    <div class="card-head feed-head">
      <h2 id="feed-title">${t('feed.title')}</h2>
      <span class="feed-why small">
        <${Why} />
      </span>
      <span class="grow"></span>
      <button
        type="button"
        class="btn icon filter-button"
        aria-expanded=${String(open)}
        aria-label=${t('feed.filters')}
        onClick=${() => setOpen(!open)}
      >
        <${Icon} name="filter" />
      </button>
      <${Filters} open=${open} />
      <${PauseButton} />
    </div>
  `;
}

export function NewBar({ onShow }) {
  const { n, critical, hidden, tooMany } = waiting.value;
  if (!n && !hidden) return null;
  return html`
    <button type="button" class="new-bar" onClick=${onShow}>
      <${Icon} name="up" size=${14} />
      ${tooMany ? t('feed.toomany') : html`<b>${t('feed.new', { n: count(n) })}</b>`}
      ${critical > 0 && html`
        <span class="status bad">
          <${Icon} name="critical" size=${14} />
          <b>${t('feed.new.critical', { n: count(critical) })}</b>
        </span>
      `}
      ${hidden > 0 && !tooMany && html`<span class="small">${t('feed.new.hidden', { n: count(hidden) })}</span>`} <kbd
        aria-hidden="true"
      >
        N
      </kbd>
    </button>
  `;
}

export function Notice() {
  if (!notice.value) return null;
  return html`
    <div class="feed-notice" role="status">
      <${Icon} name="high" tone="warn" size=${14} />
      <span class="grow">${t(notice.value.key, notice.value.values)}</span>
      <button
        type="button"
        class="btn ghost small"
        aria-label=${t('common.close')}
        onClick=${() => {
          notice.value = null;
        }}
      >
        <${Icon} name="x" size=${14} />
      </button>
    </div>
  `;
}
