// The text that WeChat sent, masked by the server; fetched only when someone wants to read it.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { clockMs, NONE } from '../format.js';
import { get } from '../http.js';
import { Icon } from '../icons.js';
import { user } from '../state/session.js';
import { t } from '../words/index.js';
import { CopyButton } from './basic.js';
import { Failed, Loading } from './states.js';

export const Authentic = ({ yes }) => html`<span class="status ${yes ? 'tone-ok' : 'tone-crit'}"><${Icon} name=${yes ? 'paid' : 'failed'} size=${14} />${t(yes ? 'alert.raw.authentic' : 'alert.raw.forged')}</span>`;

// Element by element on its own line where the sender wrote one long line; only blanks are added.
const readable = (body) => (body.startsWith('<') && !body.trim().includes('\n') ? body.replace(/(<\/[^>]+>|^<xml>)(?=<)/g, '$1\n') : body);

function Text({ body, marks }) {
  const lines = readable(body).split('\n');
  const hit = (line) => marks.some((mark) => line.includes(`<${mark}>`) || line.includes(`"${mark}"`));
  return html`<pre class="raw" tabindex="0" aria-label=${t('alert.raw')}><code>${lines.map((line, i) => html`<span key=${i} class=${hit(line) ? 'hit' : ''}>${line}${'\n'}</span>`)}</code></pre>`;
}

export function NotifyText({ id, marks = [] }) {
  const [state, setState] = useState({});
  const load = () => {
    setState({});
    get(`notifies/${encodeURIComponent(id)}`).then(({ notify }) => setState({ notify }), (error) => setState({ error }));
  };
  useEffect(load, [id]);
  const { notify, error } = state;
  if (error?.status === 404) return html`<p class="small quiet">${t('alert.raw.gone')} ${user.value?.role === 'admin' ? t('alert.raw.gone.admin') : ''}</p>`;
  if (error) return html`<${Failed} panel=${t('alert.raw')} error=${error} onRetry=${load} />`;
  if (!notify) return html`<${Loading} rows=${3} />`;
  const { body } = notify;
  return html`<p class="raw-meta small quiet"><span class="grow"><bdi>${t('alert.raw.meta', { id: notify.id, time: clockMs(notify.receivedAt), source: notify.source ?? NONE })}</bdi></span><${Authentic} yes=${notify.authentic} /></p>
    ${body ? html`<${Text} body=${body} marks=${marks} /><p class="raw-copy"><${CopyButton} text=${body} label=${t('common.copy')} /></p>` : html`<p class="small quiet">${t(body === null ? 'alert.raw.sealed' : 'alert.raw.empty')}</p>`}`;
}

export function RawNotify({ evidence }) {
  const [open, setOpen] = useState(false);
  const id = evidence?.notifyId;
  const marks = (evidence?.fields ?? []).filter((field) => field.same === false).map((field) => field.name);
  return html`<section class="detail-part" aria-labelledby="raw-title"><h3 id="raw-title">${t('alert.raw')} <span class="small quiet">${id ? t('alert.raw.masked') : ''}</span></h3>
    ${!id ? html`<p class="quiet small">${t('alert.raw.none')}</p>` : open ? html`<${NotifyText} id=${id} marks=${marks} />`
      : html`<button type="button" class="btn" onClick=${() => setOpen(true)}><${Icon} name="eye" />${t('alert.raw.show')}</button>`}</section>`;
}
