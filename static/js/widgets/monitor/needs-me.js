// First on the monitor: what waits for the reader's decision, since when, and the way to it.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { inbox, needs } from '../../state/alerts/inbox.js';
import { serverNow } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { span } from '../../values/format.js';
import { t } from '../../words/index.js';

const sinceWords = (since) => {
  const ms = serverNow() - Date.parse(since);
  return Number.isFinite(ms) ? t('needs.since', { t: span(Math.max(1000, ms)) }) : '';
};

export function NeedsMe() {
  if (!may('acknowledge')) return null;
  const list = needs();
  return html`
    <nav class="card needs-me" aria-label=${t('needs.title')}>
      <b>${t('needs.title')}</b>
      ${inbox.data.value && !list.length && html`<span class="quiet">${t('needs.none')}</span>`}
      ${list.map(({ name, href, n, since }) => html`
        <a key=${name} href=${href}>
          <span>${t(`needs.${name}`, { n })}</span>
          ${since && html`<span class="small quiet">${sinceWords(since)}</span>`}
          <${Icon} name="right" size=${14} tone="quiet" />
        </a>
      `)}
    </nav>
  `;
}
