// A timeline, newest first: time and age, a glyph on a rail, the story.
import { html } from '../../html.js';
import { clockMs, isoTime } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { serverNow, stampAt } from '../../state/clock.js';
import { t } from '../../words/index.js';
import { Age, Time, Times } from './basic.js';

const DAY_MS = 86400000;
const when = (at) =>
  serverNow() - Date.parse(at) < DAY_MS && isoTime(at).slice(0, 10) === isoTime(serverNow()).slice(0, 10)
    ? clockMs(at)
    : stampAt(at);

// `href`: everything as it was then.
function When({ at, href }) {
  const time = html`<${Time} at=${at} show=${when} />`;
  return href ? html`<a class="quiet" href=${href} title=${t('past.see')}>${time}</a>` : time;
}

export const Timeline = ({ items, label }) => html`
  <ol class="timeline" aria-label=${label}>
    ${items.map(({ key, at, href, icon, tone, title, tag, times, source, children, sev }) => html`
      <li key=${key} class=${sev ? `sev-${sev}` : ''}>
        <div class="timeline-when">
          <${When} at=${at} href=${href} />
          <br />
          <${Age} at=${at} />
        </div>
        <span class="timeline-dot">
          <${Icon} name=${icon} size=${15} tone=${tone} />
        </span>
        <div class="timeline-what">
          <p>
            <b class="user">${title}</b> <${Times} n=${times} />
            ${tag && html` <span class="tag tone-accent">${tag}</span>`}
            ${source && html` <span class="tag plain">${t(`source.${source}`)}</span>`}
          </p>
          ${children}
        </div>
      </li>
    `)}
  </ol>
`;
