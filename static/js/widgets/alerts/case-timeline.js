// The story of a case: what the system and people did with it, and what happened to its order.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { eventWord, glyph, kindWord, noteWords, saying } from '../../sentences/explain.js';
import { isFen, money, NONE } from '../../values/format.js';
import { get } from '../../http.js';
import { Icon } from '../../icons.js';
import { act } from '../../state/alerts/unresolved.js';
import { onFlush } from '../../state/feed/feed.js';
import { may } from '../../state/session.js';
import { has, t } from '../../words/index.js';
import { WordsDialog } from '../parts/words-dialog.js';
import { Timeline } from '../parts/timeline.js';

const LOOKS = {
  raised: ['', 'sev'],
  repeated: ['', 'sev'],
  acknowledged: ['half', 'warn'],
  resolved: ['paid', 'ok'],
  reopened: ['open', 'crit'],
  assigned: ['user', 'ink'],
  note: ['note', 'ink'],
};

function titleOf({ action, by, count, assignee }, { kind }) {
  const values = { by: by ?? NONE, n: count, kind: kindWord(kind), action, assignee };
  if (action === 'assigned' && assignee) return t('hist.assigned.to', values);
  if (action === 'repeated' && count) return t('hist.repeated.n', values);
  if (action === 'reopened') return by ? t('hist.reopened.by', values) : t('case.again', values);
  return has(`hist.${action}`) ? t(`hist.${action}`, values) : t('hist.other', values);
}

const own = (alert) =>
  alert.history.map((entry, i) => {
    const [icon, tone] = LOOKS[entry.action] ?? ['low', 'ink'];
    return {
      key: `own-${i}`,
      at: entry.at,
      icon: icon || alert.severity,
      tone,
      sev: alert.severity,
      title: titleOf(entry, alert),
      source: entry.by ? 'staff' : 'system',
      said: noteWords(entry.note),
    };
  });

const REFUSED = 'notify.refused';
const OURS = /^(order\.created|prepay\.)/;
const THEIRS = /^(order\.paid|payment\.|notify\.)/;
const sourceOf = ({ kind, data }) =>
  OURS.test(kind) ? 'api' : data?.by ? 'staff' : THEIRS.test(kind) ? 'wechat' : 'system';
const amountOf = ({ kind, data }) =>
  ['order.created', 'order.paid'].includes(kind) && isFen(data?.amountFen)
    ? t(`tl.${kind}`, { amount: money(data.amountFen) })
    : eventWord({ kind, data });

function told(event) {
  const refused = event.kind === REFUSED;
  const [icon, tone] = refused ? ['failed', 'ink'] : glyph(event);
  return {
    key: event.seq,
    at: event.at,
    icon,
    tone,
    title: refused ? t('case.notify') : amountOf(event),
    source: sourceOf(event),
    said: refused ? '' : saying(event),
    notifyId: event.data?.notifyId,
    run: event.kind,
  };
}

// Of the order: everything but what its cases tell themselves. A missing one is asked about when
// something happens to it.
const isOurs = ({ kind }) => !kind.startsWith('alert.') && kind !== 'note.added';
function useOrderEvents({ kind, orderNum }) {
  const [state, setState] = useState({ events: [] });
  const asked = useRef(null);
  const load = async () => {
    try {
      const { timeline } = await get(`orders/${encodeURIComponent(orderNum)}`);
      if (asked.current === orderNum) setState({ events: timeline.filter(isOurs) });
    } catch (error) {
      if (asked.current === orderNum) setState((old) => ({ ...old, failed: error.status !== 404 }));
    }
  };
  useEffect(() => {
    asked.current = orderNum;
    setState({ events: [] });
    if (!orderNum) return undefined;
    const missing = kind === 'missing_order';
    if (!missing) load();
    return onFlush(
      (news) =>
        news.some((event) => event.orderNum === orderNum && isOurs(event) && !(missing && event.kind === REFUSED)) &&
        load(),
    );
  }, [orderNum]);
  return { ...state, load };
}

// WeChat repeats itself: a run of the same news is one entry, with its count and the latest time.
function runs(items) {
  const found = [];
  for (const item of items) {
    const last = found.at(-1);
    if (last && item.run && last.run === item.run && last.title === item.title) last.times += 1;
    else found.push({ ...item, times: 1 });
  }
  return found;
}

// Its time and number; what begins and ends it is the same for many.
const shortOf = (id) => `…${id.slice(6, 16)}`;
const newestFirst = (a, b) => Date.parse(b.at) - Date.parse(a.at) || String(b.key).localeCompare(String(a.key));

export function CaseTimeline({ alert, onNotify }) {
  const [noting, setNoting] = useState(false);
  const { events, failed, load } = useOrderEvents(alert);
  const items = runs([...own(alert), ...events.map(told)].sort(newestFirst)).map((item) => ({
    ...item,
    children: html`
      ${item.said && html`<p class="user">${item.said}</p>`}
      ${item.notifyId && html`
        <p>
          <button type="button" class="link small" onClick=${() => onNotify(item.notifyId)}>
            ${t('case.see', { id: shortOf(item.notifyId) })}
          </button>
        </p>
      `}
    `,
  }));
  return html`
    <section class="detail-part" aria-labelledby="history-title">
      <div class="part-head">
        <h3 id="history-title">${t('alert.timeline')}</h3>
        <span class="grow"></span>
        ${may('note') && html`
          <button type="button" class="btn ghost small" onClick=${() => setNoting(true)}>
            <${Icon} name="note" size=${14} />
            ${t('alert.note')}
          </button>
        `}
      </div>
      ${failed && html`
        <p class="small" role="alert">
          ${t('case.events.failed')} <button type="button" class="link" onClick=${load}>${t('common.retry')}</button>
        </p>
      `}
      <${Timeline} items=${items} label=${t('alert.timeline')} />
      ${noting && html`
        <${WordsDialog}
          about=${`alert ${alert.id}`}
          title=${t('alert.note.title', { kind: kindWord(alert.kind) })}
          submit=${t('common.save')}
          onSend=${(words) => act(alert, 'note', words)}
          onClose=${() => setNoting(false)}
        />
      `}
    </section>
  `;
}
