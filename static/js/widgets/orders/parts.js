// The parts of one order's page: head, five steps, alerts, notes, notifies.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { kindWord, reason } from '../../sentences/explain.js';
import { clockMs, isFen, NONE, span, stamp, yuanParts } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { staffWord } from '../../sentences/people.js';
import { alertPath } from '../../router.js';
import { serverNow } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { has, t, word } from '../../words/index.js';
import { sourceOf } from '../alerts/list.js';
import { AlertState, CopyButton, PayState, ServiceState, Severity, Time, Times, User } from '../parts/basic.js';
import { Authentic, NotifyText } from '../parts/raw-notify.js';

const show = (at) => stamp(at, serverNow());

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
      <span>${t('order.placed', { time: show(order.createdAt) })}</span>
    </p>
  </header>
`;

const timeOf = (timeline, kind, to) =>
  timeline.findLast((event) => event.kind === kind && (!to || event.data?.to === to))?.at;

// Done, now, or not yet; a closed order stops where it was closed.
export function stepsOf(order, timeline) {
  const serving = timeOf(timeline, 'service.changed', 'IN_SERVICE');
  const served = timeOf(timeline, 'service.changed', 'SERVED');
  const cancelled = order.serviceStatus === 'SERVICE_CANCELLED';
  const closed = order.status === 'CLOSED' && !order.paidAt;
  const service = ['SERVICE_WAIT', 'IN_SERVICE', 'SERVED'].indexOf(order.serviceStatus);
  const state = (done, now) => (done ? 'done' : now ? 'now' : 'todo');
  const steps = [
    { name: 'created', at: order.createdAt, state: 'done' },
    closed
      ? { name: 'closed', at: timeOf(timeline, 'order.closed'), state: 'stopped' }
      : { name: 'paid', at: order.paidAt, state: state(order.paidAt, true), since: order.createdAt },
    { name: 'wait', at: null, until: serving, since: order.paidAt, state: state(service > 0, service === 0) },
    cancelled
      ? { name: 'cancelled', at: timeOf(timeline, 'service.changed', 'SERVICE_CANCELLED'), state: 'stopped' }
      : { name: 'serving', at: serving, until: served, since: serving, state: state(service > 1, service === 1) },
    { name: 'done', at: served, state: state(service === 2, false) },
  ];
  return steps;
}

function stepWords({ at, since, until, state, name }) {
  if (state === 'todo') return t('step.todo');
  const long = since && (until || at) && name !== 'created' ? span(Date.parse(until ?? at) - Date.parse(since)) : '';
  if (name === 'wait') {
    return (
      long ||
      (since && state === 'now'
        ? span(serverNow() - Date.parse(since))
        : t(`step.${state === 'now' ? 'now' : 'finished'}`))
    );
  }
  if (name === 'serving') {
    return state === 'now' && at
      ? span(serverNow() - Date.parse(at))
      : long || t(`step.${state === 'now' ? 'now' : 'finished'}`);
  }
  return [at && show(at), long].filter(Boolean).join(' · ') || t(`step.${state === 'now' ? 'now' : 'finished'}`);
}

const STEP_ICON = { done: 'check', stopped: 'x' };
export const Steps = ({ order, timeline }) => html`
  <ol class="steps" aria-label=${t('order.steps')}>
    ${stepsOf(order, timeline).map((step) => html`
      <li key=${step.name} class="step ${step.state}" aria-current=${step.state === 'now' ? 'step' : undefined}>
        <span class="step-dot">
          ${STEP_ICON[step.state] && html`<${Icon} name=${STEP_ICON[step.state]} size=${12} />`}
        </span>
        <span class="step-words">
          <b>${t(`step.${step.name}`)}</b>
          <span class="small quiet">${stepWords(step)}</span>
        </span>
      </li>
    `)}
  </ol>
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
        ${may('note') && html`
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
                <${User} text=${staffWord(data.by ?? '')} /> · <${Time} at=${at} show=${show} />
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
