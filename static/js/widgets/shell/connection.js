// The state of the live connection, said honestly: a pill in the top bar, a banner when it matters.
import { html } from '../../html.js';
import { clock, count, span } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { second, skewMs } from '../../state/clock.js';
import { caughtUp, conn, isCut, newVersion, reconnect } from '../../state/feed/connection.js';
import { t } from '../../words/index.js';

const PILL = {
  live: ['live', 'ok'],
  stale: ['clock', 'warn'],
  connecting: ['plug', 'quiet'],
  idle: ['plug', 'quiet'],
  reconnecting: ['replay', 'warn'],
  replaying: ['replay', 'accent'],
  offline: ['unplug', 'crit'],
  expired: ['lock', 'crit'],
  forbidden: ['lock', 'crit'],
  crowded: ['unplug', 'warn'],
};

const share = ({ done, total }) => `${Math.floor((100 * done) / total)}%`;

function detail({ state, ms, attempt, progress }) {
  if (state === 'live' && ms !== null) return `${ms} ms`;
  if (state === 'reconnecting' && attempt) return t('conn.try', { n: attempt });
  if (state === 'replaying' && progress) return share(progress);
  return '';
}

const Update = () => html`
  <button type="button" class="btn small" title=${t('conn.update.do')} onClick=${() => location.reload()}>
    <${Icon} name="replay" size=${14} />
    ${t('conn.update')}
  </button>
`;

export function Pill() {
  const now = conn.value;
  const state = now.state === 'reconnecting' && !navigator.onLine ? 'offline' : now.state;
  const [icon, tone] = PILL[state] ?? PILL.idle;
  // Not live by itself: a cut is told after a moment, and once.
  return html`
    <div class="pill">
      <span class="status" role="status" aria-live="off" aria-label=${t('conn.label')}>
        <${Icon} name=${icon} tone=${tone} />
        <b class="pill-word tone-${tone}">${t(`conn.${state === 'idle' ? 'connecting' : state}`)}</b>
      </span>
      <span class="pill-detail" aria-hidden="true">${detail(now)}</span>
      ${newVersion.value && html`<${Update} />`}
    </div>
  `;
}

function NextTry({ nextAt, attempt }) {
  const seconds = Math.ceil((nextAt - (second.value - skewMs.value)) / 1000);
  const text = nextAt && seconds > 0 ? t('conn.next', { n: seconds, m: attempt }) : t('conn.trying', { m: attempt });
  return html`<span class="small">${text}</span>`;
}

function lostWords({ state, lostAt, heardAt }) {
  const time = span(second.value - skewMs.value - lostAt);
  if (state === 'crowded') return [t('conn.crowded.why'), t('conn.crowded.do')];
  if (state === 'forbidden') return [t('conn.forbidden.why'), ''];
  if (state === 'expired') return [t('expired.title'), ''];
  if (!navigator.onLine) return [t('conn.nonet'), t('conn.safe')];
  if (heardAt === null) return [t('conn.lost.first', { t: time }), t('conn.safe')];
  return [t('conn.lost', { t: time, time: clock(heardAt + skewMs.value) }), t('conn.safe')];
}

function Lost() {
  const now = conn.value;
  const [what, comfort] = lostWords(now);
  const mayRetry = !['forbidden', 'expired'].includes(now.state);
  return html`
    <div class="banner warn">
      <${Icon} name="unplug" tone="warn" />
      <p class="grow">
        <b>${what}</b> ${comfort}
      </p>
      ${now.state === 'reconnecting' && html`<${NextTry} ...${now} />`}
      ${mayRetry && html`<button type="button" class="btn small" onClick=${reconnect}>${t('conn.retry')}</button>`}
    </div>
  `;
}

// As fast as until now.
function remaining({ done, total, startedAt }) {
  return done ? t('conn.about', { t: span(1000 + ((Date.now() - startedAt) * (total - done)) / done) }) : '';
}

function Progress({ progress }) {
  const { done: a, total: b, from, to } = progress;
  return html`
    <div class="banner info">
      <${Icon} name="replay" tone="accent" />
      <b>${t('conn.replay')}</b>
      <progress class="grow" max=${b} value=${a} aria-label=${t('conn.replay')}></progress>
      <span>
        ${t('conn.replay.n', { a: count(a), b: count(b), from: count(from), to: count(to) })} <span class="quiet">
          ${remaining(progress)}
        </span>
      </span>
    </div>
  `;
}

function Done({ progress: { total: n, critical: m } }) {
  return html`
    <div class="banner info">
      <${Icon} name="check" tone="accent" />
      <b>${m ? t('conn.done.critical', { n, m }) : t('conn.done', { n })}</b>
    </div>
  `;
}

function Skew() {
  if (Math.abs(skewMs.value) < 60000) return null;
  return html`
    <div class="banner warn">
      <${Icon} name="clock" tone="warn" />
      <p>${t('conn.skew', { t: span(Math.abs(skewMs.value)) })}</p>
    </div>
  `;
}

function Current() {
  const { state, progress } = conn.value;
  if (state === 'replaying' && progress) return html`<${Progress} progress=${progress} />`;
  if (caughtUp.value) return html`<${Done} progress=${caughtUp.value} />`;
  return isCut() ? html`<${Lost} />` : null;
}

export const Banner = () => html`
  <div class="live-banner">
    <${Current} />
    <${Skew} />
  </div>
`;
