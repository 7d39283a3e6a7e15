// The text that WeChat sent, masked by the server; an admin may see it in full, with a reason.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { clockMs, NONE } from '../../values/format.js';
import { get } from '../../http.js';
import { Icon } from '../../icons.js';
import { may, user } from '../../state/session.js';
import { t } from '../../words/index.js';
import { CopyButton } from './basic.js';
import { Failed, Loading } from './states.js';
import { UnmaskDialog } from './unmask.js';

const SHOWN_MS = 60000; // in full; then it is masked again by itself

export const Authentic = ({ yes }) => html`
  <span class="status ${yes ? 'tone-ok' : 'tone-crit'}">
    <${Icon} name=${yes ? 'paid' : 'failed'} size=${14} />
    ${t(yes ? 'alert.raw.authentic' : 'alert.raw.forged')}
  </span>
`;

// One long line becomes several, element by element or member by member; only blanks are added.
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;
function spacedJson(body) {
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  return (body.match(TOKEN) ?? [])
    .map((token) => {
      if (token === '{' || token === '[') depth += 1;
      if (token === '}' || token === ']') return ((depth = Math.max(0, depth - 1)), line() + token);
      return token === '{' || token === '[' || token === ',' ? token + line() : token === ':' ? ': ' : token;
    })
    .join('');
}
function readable(body) {
  if (body.trim().includes('\n')) return body;
  if (body.startsWith('<')) return body.replace(/(<\/[^>]+>|^<xml>)(?=<)/g, '$1\n');
  return body.startsWith('{') ? spacedJson(body) : body;
}

// What a rule calls `status` is named otherwise on the wire; of a path the last part stands there.
const WIRE = { status: ['result_code', 'trade_state'] };
const wireNames = (marks) => marks.flatMap((mark) => WIRE[mark] ?? [mark.split('.').at(-1)]);

function Text({ body, marks }) {
  const names = wireNames(marks);
  const hit = (line) => names.some((name) => line.includes(`<${name}>`) || line.includes(`"${name}"`));
  return html`
    <pre class="raw" tabindex="0" aria-label=${t('alert.raw')}>
      <code>
        ${readable(body).split('\n').map((line, i) => html`
          <span key=${i} class=${hit(line) ? 'hit' : ''}>${line}${'\n'}</span>
        `)}
      </code>
    </pre>
  `;
}

function Tools({ id, masked, full, onFull }) {
  const [asking, setAsking] = useState(false);
  const shown = ({ body }) => {
    setAsking(false);
    onFull(body);
  };
  return html`
    <p class="raw-tools">
      ${full && html`
        <span class="small tone-warn status">
          <${Icon} name="eye" size=${14} />
          ${t('reveal.shown')}
        </span>
      `}
      <span class="grow"></span>
      ${may('unmask') && onFull && (full
        ? html`<button type="button" class="btn ghost small" onClick=${() => onFull(null)}>${t('reveal.hide')}</button>`
        : html`
            <button type="button" class="btn ghost small" onClick=${() => setAsking(true)}>
              <${Icon} name="eye" size=${14} />
              ${t('reveal.open')}
            </button>
          `)}
      <${CopyButton} text=${masked} label=${t('common.copy')} />
      ${asking && html`
        <${UnmaskDialog}
          path=${`notifies/${encodeURIComponent(id)}/unmask`}
          title=${t('reveal.title')}
          sub=${id}
          onClose=${() => setAsking(false)}
          onDone=${shown}
        />
      `}
    </p>
  `;
}

function Body({ notify, marks, revealable }) {
  const [full, setFull] = useState(null);
  useEffect(() => {
    const timer = full === null ? null : setTimeout(() => setFull(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [full]);
  const { body } = notify;
  if (!body) return html`<p class="small quiet">${t(body === null ? 'alert.raw.sealed' : 'alert.raw.empty')}</p>`;
  return html`
    <${Text} body=${full ?? body} marks=${marks} />
    <${Tools} id=${notify.id} masked=${body} full=${full} onFull=${revealable ? setFull : null} />
  `;
}

export function NotifyText({ id, marks = [], revealable = false }) {
  const [state, setState] = useState({});
  const load = () => {
    setState({});
    get(`notifies/${encodeURIComponent(id)}`).then(
      ({ notify }) => setState({ notify }),
      (error) => setState({ error }),
    );
  };
  useEffect(load, [id]);
  const { notify, error } = state;
  if (error?.status === 404) {
    return html`
      <p class="small quiet">${t('alert.raw.gone')} ${user.value?.role === 'admin' ? t('alert.raw.gone.admin') : ''}</p>
    `;
  }
  if (error) return html`<${Failed} panel=${t('alert.raw')} error=${error} onRetry=${load} />`;
  if (!notify) return html`<${Loading} rows=${3} />`;
  return html`
    <p class="raw-meta small quiet">
      <span class="grow">
        <bdi>
          ${t('alert.raw.meta', { id: notify.id, time: clockMs(notify.receivedAt), source: notify.source ?? NONE })}
        </bdi>
      </span>
      <${Authentic} yes=${notify.authentic} />
    </p>
    <${Body} key=${notify.id} notify=${notify} marks=${marks} revealable=${revealable} />
  `;
}

// `id`: another notify of the same case, which the timeline names; else the one of the evidence.
export function RawNotify({ evidence, id = evidence?.notifyId }) {
  const marks = (evidence?.fields ?? []).filter((field) => field.same === false).map((field) => field.name);
  return html`
    <section class="detail-part" aria-labelledby="raw-title">
      <h3 id="raw-title" tabindex="-1">
        ${t('alert.raw')} <span class="small quiet">${id ? t('alert.raw.masked') : ''}</span>
      </h3>
      ${id
        ? html`<${NotifyText} id=${id} marks=${marks} revealable />`
        : html`<p class="quiet small">${t('alert.raw.none')}</p>`}
    </section>
  `;
}
