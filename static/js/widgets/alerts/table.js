// The alerts as a table, where there is room for one.
import { stampAt } from '../../state/clock.js';
import { html } from '../../html.js';
import { differenceText, kindWord } from '../../sentences/explain.js';
import { shortId, sides } from '../../sentences/findings.js';
import { NONE } from '../../values/format.js';
import { choice, isPicked } from '../../state/alerts/picked.js';
import { may } from '../../state/session.js';
import { t, word } from '../../words/index.js';
import { AlertState, Avatar, Severity, Time, Times, User } from '../parts/basic.js';
import { sourceOf, hrefOf, freshness, Over, Pick } from './row.js';
import { PickAll } from '../parts/pick.js';

const Assignee = ({ name }) => html`
  <span class="status ${name ? '' : 'quiet'}">
    <${Avatar} name=${name} small />
    ${name ? html`<${User} text=${name} clip />` : t('alerts.nobody')}
  </span>
`;

function Subject({ alert }) {
  const source = sourceOf(alert);
  const paidBy = alert.evidence?.fields?.find(({ name }) => name === 'transaction_id')?.wechat;
  return html`
    <span class="two-lines">
      ${alert.orderNum
        ? html`
            <span class="mono">
              <${User} text=${alert.orderNum} />
            </span>
          `
        : html`<span>${t('alerts.systemwide')}</span>`}
      ${source
        ? html`<span class="small quiet">${t('say.source', { source: word('source', source) })}</span>`
        : paidBy && html`
            <span class="small quiet mono">
              <${User} text=${shortId(paidBy)} />
            </span>
          `}
    </span>
  `;
}

const dash = (text) =>
  text === NONE
    ? html`
        <span class="quiet" aria-hidden="true">—</span>
        <span class="sr">${t('common.none')}</span>
      `
    : html`<bdi>${text}</bdi>`;

function TableRow({ alert, pickable }) {
  const { expected, actual } = sides(alert);
  return html`
    <tr
      class="alert-row sev-${alert.severity} ${freshness(alert)} ${isPicked(alert) ? 'picked' : ''}"
      data-id=${alert.id}
    >
      ${pickable && html`
        <td class="pick-cell">
          <${Pick} alert=${alert} />
        </td>
      `}
      <td class="sev-cell">
        <${Severity} level=${alert.severity} words />
      </td>
      <td>
        <span class="status">
          <a class="row-link" href=${hrefOf(alert)}>
            <b>${kindWord(alert.kind)}</b>
          </a>
          <${Times} n=${alert.count} />
        </span>
      </td>
      <td class="subject">
        <${Subject} alert=${alert} />
      </td>
      <td class="num value" title=${expected}>${dash(expected)}</td>
      <td class="num value" title=${actual}>
        <b>${dash(actual)}</b>
      </td>
      <td class="num value bad diff">
        <b>${dash(differenceText(alert))}</b>
      </td>
      <td class="seen">
        <span class="two-lines">
          <${Time} at=${alert.lastSeen} show=${stampAt} />
          <span class="small quiet">${t('alerts.first', { time: stampAt(alert.firstSeen) })}</span>
        </span>
      </td>
      <td class="state">
        <span class="two-lines">
          <${AlertState} status=${alert.status} />
          <${Over} alert=${alert} />
          <span class="small quiet user clip who-line">${alert.assignee ?? t('alerts.nobody')}</span>
        </span>
      </td>
      <td class="who">
        <${Assignee} name=${alert.assignee} />
      </td>
    </tr>
  `;
}

const COLUMNS = ['severity', 'kind', 'subject', 'expected', 'actual', 'difference', 'seen', 'state', 'assignee'];
const CLASSES = {
  severity: 'sev-cell',
  expected: 'num',
  actual: 'num',
  difference: 'num diff',
  seen: 'seen',
  assignee: 'who',
};

export function AlertTable({ list }) {
  const pickable = may('acknowledge');
  return html`
    <table class="table alert-table">
      <caption class="sr">${t('alerts.list')}</caption>
      <thead>
        <tr>
          ${pickable && html`
            <th scope="col" class="pick-cell">
              <${PickAll} of=${choice} label=${t('bulk.pick.all')} />
            </th>
          `}
          ${COLUMNS.map((name) => html`
            <th scope="col" key=${name} class=${CLASSES[name] ?? ''}>${t(`alerts.col.${name}`)}</th>
          `)}
        </tr>
      </thead>
      <tbody>
        ${list.map((alert) => html`<${TableRow} key=${alert.id} alert=${alert} pickable=${pickable} />`)}
      </tbody>
    </table>
  `;
}
