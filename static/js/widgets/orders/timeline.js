// All events of one order as a story, newest first.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import {
  eventWord,
  findingOf,
  glyph,
  isFinding,
  lagWords,
  reason,
  saying,
  tradeWord,
} from '../../sentences/explain.js';
import { isFen, money } from '../../values/format.js';
import { isBegun } from '../../sentences/money-story.js';
import { byKey, bySystem } from '../../sentences/people.js';
import { alertPath, billPath, pastPath, receiptPath } from '../../router.js';
import { fold } from '../../live/fold.js';
import { has, t, word } from '../../words/index.js';
import { Seg } from '../parts/basic.js';
import { Dialog } from '../parts/dialog.js';
import { NotifyText } from '../parts/raw-notify.js';
import { Timeline } from '../parts/timeline.js';

const SOURCES = [
  [/^(order\.paid|payment\.|notify\.|bill\.differs)/, 'wechat'],
  [/^(order\.created|prepay\.)/, 'api'],
  [/^(note\.|receipt\.|alert\.(acknowledged|resolved|assigned)|service\.)/, 'staff'],
];
// WeChat tells how a refund ended, but for one that a person entered.
const endedByWechat = ({ kind, data }) =>
  (kind === 'refund.succeeded' && !data?.by) || (kind === 'refund.failed' && data?.status !== 'REJECTED');
function sourceOf(event) {
  if (event.healed) return 'system';
  if (endedByWechat(event)) return 'wechat';
  if (event.data?.by && !bySystem(event.data.by)) return byKey(event) ? 'api' : 'staff';
  return SOURCES.find(([pattern]) => pattern.test(event.kind))?.[1] ?? 'system';
}

const STORY = [
  'order.created',
  'prepay.created',
  'order.paid',
  'notify.duplicate',
  'refund.requested',
  'refund.approved',
  'refund.succeeded',
  'refund.failed',
];
function title(event) {
  const { kind, data } = event;
  if (isBegun(event)) return t('tl.refund.begun', { amount: money(data.amountFen) });
  if (STORY.includes(kind) && (isFen(data?.amountFen) || !/\{amount\}/.test(kind))) {
    return t(`tl.${kind}`, { amount: money(data?.amountFen) });
  }
  return eventWord(event);
}

function words(event) {
  const { kind, data = {} } = event;
  if (isFinding(event)) {
    const finding = findingOf(event);
    return finding ? reason(finding) : '';
  }
  if (kind === 'order.created') return data.customer ? html`<bdi class="user">${data.customer}</bdi>` : '';
  if (kind === 'prepay.created') return tradeWord(data.tradeType);
  if (kind === 'order.paid') {
    return [
      data.reopened ? t('tl.reopened') : event.healed ? t('tl.healed') : t('tl.checks'),
      !event.healed && lagWords(event),
      saying(event),
    ]
      .filter(Boolean)
      .join(' ');
  }
  if (kind === 'service.changed') {
    const from = data.from ? `${word('svc', data.from)} → ` : '';
    const to = has(`svc.${data.to}`) ? word('svc', data.to) : (data.to ?? '');
    return `${from}${to} ${saying(event)}`;
  }
  return saying(event);
}

// Where the difference stands that the event tells of.
const billOf = ({ kind, data }) =>
  /^bill\.(differs|resolved)$/.test(kind) &&
  billPath(data.date, data.account, data.difference, kind === 'bill.resolved' ? 'resolved' : 'all');
const receiptOf = ({ kind, data }) => kind === 'receipt.decided' && data?.receiptId;

// WeChat repeats itself: a run of the same news is one entry, the latest, with its count.
const newsOf = (event) =>
  isFinding(event) ? `alert ${findingOf(event)?.alertId}` : event.kind === 'notify.duplicate' ? event.kind : null;
function runs(events) {
  const found = [];
  for (const event of events) {
    const last = found.at(-1);
    if (last && newsOf(event) && newsOf(last.event) === newsOf(event)) {
      found[found.length - 1] = { event, times: last.times + 1 };
    } else found.push({ event, times: 1 });
  }
  return found;
}

const FILTERS = {
  all: () => true,
  money: ({ kind }) => !/^(service|note)\./.test(kind),
  service: ({ kind }) => /^(service|note)\./.test(kind),
};

// The details under an entry: the notify as it came, the case, the receipt, the day of the bill.
function Evidence({ event, onRaw }) {
  const { notifyId } = event.data ?? {};
  const alertId = findingOf(event)?.alertId;
  const [receiptId, bill] = [receiptOf(event), billOf(event)];
  return (
    (notifyId || alertId || receiptId || bill) &&
    html`
      <p class="tl-evidence small">
        ${notifyId && html`
          <bdi class="mono quiet">${notifyId}</bdi>
          <button type="button" class="link small" onClick=${() => onRaw(notifyId)}>${t('tl.raw')}</button>
        `}
        ${alertId && html`<a href=${alertPath(alertId)}>${t('tl.alert')}</a>`}
        ${receiptId && html`<a href=${receiptPath(receiptId)}>${t('tl.receipt')}</a>`}
        ${bill && html`<a href=${bill}>${t('case.bill', { date: event.data.date })}</a>`}
      </p>
    `
  );
}

function itemOf({ event, times }, onRaw) {
  const [icon, tone] = glyph(event);
  const said = words(event);
  return {
    key: event.seq,
    at: event.at,
    icon,
    tone,
    sev: event.severity,
    title: title(event),
    tag: event.healed && t('tag.healed'),
    times,
    source: sourceOf(event),
    children: html`
      ${said && html`<p class="user">${said}</p>`}
      <${Evidence} event=${event} onRaw=${onRaw} />
    `,
  };
}

export function OrderTimeline({ num, events, later = 0 }) {
  const [filter, setFilter] = useState('all');
  const [raw, setRaw] = useState(null);
  const told = fold(
    [],
    [...events].sort((a, b) => a.seq - b.seq),
  ).filter(FILTERS[filter]);
  // The server gives the newest five hundred.
  const isCut = events.length > 0 && !events.some(({ kind }) => kind === 'order.created');
  const items = runs(told)
    .reverse()
    .map((run) => ({ ...itemOf(run, setRaw), href: num && pastPath(num, run.event.at) }));
  return html`
    <section class="card order-events" aria-labelledby="events-title">
      <div class="card-head">
        <h2 id="events-title">${t('order.events')}</h2>
        <span class="sub">
          ${t('order.events.sub', { n: items.length })}
          ${isCut && ` · ${t('order.events.older')}`}
          ${later > 0 && ` · ${t('past.hidden', { n: later })}`}
        </span>
        <span class="grow"></span>
        <${Seg}
          label=${t('order.filter')}
          options=${Object.keys(FILTERS).map((id) => ({ id, text: t(`order.filter.${id}`) }))}
          value=${filter}
          onChoose=${setFilter}
        />
      </div>
      <div class="order-events-scroll" tabindex="0" role="group" aria-labelledby="events-title">
        ${items.length
          ? html`<${Timeline} items=${items} label=${t('order.events')} />`
          : html`<p class="quiet small">${t(filter === 'all' ? 'order.events.none' : 'order.filter.none')}</p>`}
      </div>
      ${raw && html`
        <${Dialog} title=${t('order.raw.title')} onClose=${() => setRaw(null)}>
          <${NotifyText} id=${raw} />
          <div class="dialog-foot">
            <button type="button" class="btn primary" data-first onClick=${() => setRaw(null)}>
              ${t('common.close')}
            </button>
          </div>
        <//>
      `}
    </section>
  `;
}
