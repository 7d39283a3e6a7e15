// The five steps of an order, from made to served: done, now, or not yet, and how long each took.
import { html } from '../../html.js';
import { span } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { serverNow, stampAt } from '../../state/clock.js';
import { t } from '../../words/index.js';

const timeOf = (timeline, kind, to) =>
  timeline.findLast((event) => event.kind === kind && (!to || event.data?.to === to))?.at;

// Done, now, or not yet; a closed order stops where it was closed.
function stepsOf(order, timeline) {
  const serving = timeOf(timeline, 'service.changed', 'IN_SERVICE');
  const served = timeOf(timeline, 'service.changed', 'SERVED');
  const cancelled = order.serviceStatus === 'SERVICE_CANCELLED';
  const paidAt = order.wechatPaidAt ?? order.paidAt;
  const closed = order.status === 'CLOSED' && !paidAt;
  const service = ['SERVICE_WAIT', 'IN_SERVICE', 'SERVED'].indexOf(order.serviceStatus);
  const state = (done, now) => (done ? 'done' : now ? 'now' : 'todo');
  const steps = [
    { name: 'created', at: order.createdAt, state: 'done' },
    closed
      ? { name: 'closed', at: timeOf(timeline, 'order.closed'), state: 'stopped' }
      : { name: 'paid', at: paidAt, state: state(paidAt, true), since: order.createdAt },
    { name: 'wait', at: null, until: serving, since: paidAt, state: state(service > 0, service === 0) },
    cancelled
      ? { name: 'cancelled', at: timeOf(timeline, 'service.changed', 'SERVICE_CANCELLED'), state: 'stopped' }
      : { name: 'serving', at: serving, until: served, since: serving, state: state(service > 1, service === 1) },
    { name: 'done', at: served, state: state(service === 2, false) },
  ];
  return steps;
}

function stepWords({ at, since, until, state, name }, now) {
  if (state === 'todo') return t('step.todo');
  const long = since && (until || at) && name !== 'created' ? span(Date.parse(until ?? at) - Date.parse(since)) : '';
  if (name === 'wait') {
    return (
      long ||
      (since && state === 'now' ? span(now - Date.parse(since)) : t(`step.${state === 'now' ? 'now' : 'finished'}`))
    );
  }
  if (name === 'serving') {
    return state === 'now' && at
      ? span(now - Date.parse(at))
      : long || t(`step.${state === 'now' ? 'now' : 'finished'}`);
  }
  return [at && stampAt(at), long].filter(Boolean).join(' · ') || t(`step.${state === 'now' ? 'now' : 'finished'}`);
}

const STEP_ICON = { done: 'check', stopped: 'x' };
export const Steps = ({ order, timeline, now = serverNow() }) => html`
  <ol class="steps" aria-label=${t('order.steps')}>
    ${stepsOf(order, timeline).map((step) => html`
      <li key=${step.name} class="step ${step.state}" aria-current=${step.state === 'now' ? 'step' : undefined}>
        <span class="step-dot">
          ${STEP_ICON[step.state] && html`<${Icon} name=${STEP_ICON[step.state]} size=${12} />`}
        </span>
        <span class="step-words">
          <b>${t(`step.${step.name}`)}</b>
          <span class="small quiet">${stepWords(step, now)}</span>
        </span>
      </li>
    `)}
  </ol>
`;
