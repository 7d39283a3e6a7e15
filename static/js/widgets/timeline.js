// What happened, newest first: time and age, a glyph on a rail, the story.
import { html } from '../html.js';
import { kindWord, noteWords } from '../explain.js';
import { clockMs, isoTime, NONE, stamp } from '../format.js';
import { Icon } from '../icons.js';
import { serverNow } from '../state/clock.js';
import { has, t } from '../words/index.js';
import { Age, Time, Times } from './basic.js';

const DAY_MS = 86400000;
const when = (at) => (serverNow() - Date.parse(at) < DAY_MS && isoTime(at).slice(0, 10) === isoTime(serverNow()).slice(0, 10) ? clockMs(at) : stamp(at, serverNow()));

export const Timeline = ({ items, label }) => html`<ol class="timeline" aria-label=${label}>${items.map(({ key, at, icon, tone, title, tag, times, source, children, sev }) => html`
  <li key=${key} class=${sev ? `sev-${sev}` : ''}><div class="timeline-when"><${Time} at=${at} show=${when} /><br /><${Age} at=${at} /></div>
    <span class="timeline-dot"><${Icon} name=${icon} size=${15} tone=${tone} /></span>
    <div class="timeline-what"><p><b class="user">${title}</b> <${Times} n=${times} />${tag && html` <span class="tag tone-accent">${tag}</span>`}${source && html` <span class="tag plain">${t(`source.${source}`)}</span>`}</p>${children}</div></li>`)}</ol>`;

const LOOKS = { raised: ['', 'sev'], repeated: ['', 'sev'], acknowledged: ['half', 'warn'], resolved: ['paid', 'ok'], reopened: ['open', 'crit'], assigned: ['user', 'ink'], note: ['note', 'ink'] };

function title({ action, by, count }, kind) {
  const values = { by: by ?? NONE, n: count, kind: kindWord(kind), action };
  if (action === 'repeated' && count) return t('hist.repeated.n', values);
  if (action === 'reopened' && by) return t('hist.reopened.by', values);
  return has(`hist.${action}`) ? t(`hist.${action}`, values) : t('hist.other', values);
}

export function History({ alert }) {
  const items = (alert.history ?? []).map((entry, i) => {
    const [icon, tone] = LOOKS[entry.action] ?? ['low', 'ink'];
    const said = noteWords(entry.note);
    return { key: i, at: entry.at, icon: icon || alert.severity, tone, sev: alert.severity, title: title(entry, alert.kind), source: entry.by ? 'staff' : 'system',
      children: said && html`<p class="user">${said}</p>` };
  }).reverse();
  return html`<section class="detail-part" aria-labelledby="history-title"><h3 id="history-title">${t('alert.timeline')}</h3><${Timeline} items=${items} label=${t('alert.timeline')} /></section>`;
}
