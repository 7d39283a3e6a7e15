// The parts of one order's page: head, alerts, notes, notifies.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { kindWord, reason } from '../../sentences/explain.js';
import { NONE, clockMs, isFen, yuanParts } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { staffWord } from '../../sentences/people.js';
import { alertPath } from '../../router.js';
import { stampAt } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { has, t, word } from '../../words/index.js';
import { sourceOf } from '../alerts/row.js';
import { AlertState, CopyButton, PayState, ServiceState, Severity, Time, Times, User } from '../parts/basic.js';
import { Authentic, NotifyText } from '../parts/raw-notify.js';

function Amount({ fen }) {
  if (!isFen(fen)) return NONE;
  const { sign, yuan, cents } = yuanParts(fen);
  return html`<span class="unit">${sign}¥</span>${yuan}.${cents}`;
}

export const OrderHead = ({ order, children }) => html`
  <header class="order-head">
    <div class="order-tags">
      <p class="order-amount">
        <${Amount} fen=${order.totalFen} />
      </p>
      <${PayState} code=${order.status} tag />
      <${ServiceState} code=${order.serviceStatus} tag />
      <span class="grow"></span>
      ${children}
    </div>
    <p class="order-facts">
      <span class="status">
        <bdi class="mono">${order.orderNum}</bdi>
        <${CopyButton} text=${order.orderNum} />
      </span>
      <${User} text=${order.title ?? ''} />
      <span>${t('order.placed', { time: stampAt(order.createdAt) })}</span>
    </p>
  </header>
`;

export const OrderAlerts = ({ alerts }) => html`
  <section class="card side-card" aria-labelledby="rel-title">
    <h2 id="rel-title">
      ${t('order.alerts')} ${alerts.length > 0 && html`<span class="count">${alerts.length}</span>`}
    </h2>
    ${!alerts.length
      ? html`<p class="small quiet">${t('order.noalerts')}</p>`
      : html`
          <ul class="rel-alerts">
            ${alerts.map((alert) => html`
              <li key=${alert.id} class="sev-${alert.severity}">
                <${Severity} level=${alert.severity} />
                <div class="grow">
                  <p class="status">
                    <a href=${alertPath(alert.id)}>
                      <b>${kindWord(alert.kind)}</b>
                    </a>
                    <${Times} n=${alert.count} />
                    <span class="grow"></span>
                    <span class="small">
                      <${AlertState} status=${alert.status} />
                    </span>
                  </p>
                  <p class="small">${reason({ ...alert, source: sourceOf(alert) })}</p>
                </div>
              </li>
            `)}
          </ul>
        `}
  </section>
`;

// Notes of staff on the order; a case has its own.
const notesOf = (timeline) => timeline.filter(({ kind, data }) => kind === 'note.added' && !data?.alertId);
export function Notes({ timeline, onAdd }) {
  const notes = notesOf(timeline);
  return html`
    <section class="card side-card" aria-labelledby="notes-title">
      <div class="side-head">
        <${Icon} name="note" tone="ink" />
        <h2 id="notes-title">${t('order.notes', { n: notes.length })}</h2>
        <span class="grow"></span>
        ${onAdd && may('note') && html`
          <button type="button" class="link small" onClick=${onAdd}>${t('order.note.add')}</button>
        `}
      </div>
      ${notes.length > 0 && html`
        <ul class="notes">
          ${notes.map(({ seq, at, data }) => html`
            <li key=${seq}>
              <p>
                <${User} text=${data.note} />
              </p>
              <p class="small quiet">
                <${User} text=${staffWord(data.by ?? '')} /> · <${Time} at=${at} show=${stampAt} />
              </p>
            </li>
          `)}
        </ul>
      `}
    </section>
  `;
}

function Notify({ notify }) {
  const [open, setOpen] = useState(false);
  const verdict = notify.verdict
    ? has(`kind.${notify.verdict}`)
      ? kindWord(notify.verdict)
      : word('verdict', notify.verdict)
    : '';
  return html`
    <li>
      <div class="notify-line">
        <div class="grow">
          <p>
            <${Time} at=${notify.receivedAt} show=${clockMs} /> <bdi class="mono small quiet">${notify.id}</bdi>
          </p>
          <p class="small">
            <${Authentic} yes=${notify.authentic} /> ${verdict && html`<span class="quiet user">${verdict}</span>`}
          </p>
        </div>
        <button type="button" class="link small" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>
          ${t(open ? 'common.close' : 'tl.raw')}
        </button>
      </div>
      ${open && html`<${NotifyText} id=${notify.id} />`}
    </li>
  `;
}

export const Notifies = ({ notifies }) => html`
  <section class="card side-card" aria-labelledby="not-title">
    <h2 id="not-title">
      ${t('order.notifies')} ${notifies.length > 0 && html`<span class="count">${notifies.length}</span>`}
    </h2>
    ${notifies.length
      ? html`
          <ul class="notifies">
            ${notifies.map((notify) => html`<${Notify} key=${notify.id} notify=${notify} />`)}
          </ul>
        `
      : html`<p class="small quiet">${t('order.nonotifies')}</p>`}
  </section>
`;
