// The alerts as a table; beside an open one, and on a phone, as rows of three lines.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../../html.js';
import { differenceText, kindWord } from '../../sentences/explain.js';
import { shortId, sides } from '../../sentences/findings.js';
import { NONE, stamp } from '../../values/format.js';
import { alertPath } from '../../router.js';
import { allPicked, isPicked, picked, pickAll, toggle } from '../../state/alerts/picked.js';
import { serverNow } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { rich, t, word } from '../../words/index.js';
import { AlertState, Avatar, Severity, Time, Times, User } from '../parts/basic.js';

export const sourceOf = (alert) => alert.evidence?.fields?.find(({ name }) => name === 'source')?.wechat;
export const hrefOf = (alert) => alertPath(alert.id) + location.search;
const show = (at) => stamp(at, serverNow());
const openedAt = Date.now();
const NEWS = ['critical', 'high'];

// A row that came while the page was open slides in; those that were there do not.
const freshness = ({ severity, lastSeen, status }) =>
  status === 'open' && NEWS.includes(severity) && Date.parse(lastSeen) > openedAt ? 'fresh' : '';

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
const nameOf = (alert) => `${kindWord(alert.kind)} ${alert.orderNum ?? ''}`;

const Pick = ({ alert }) => html`
  <label class="pick">
    <input type="checkbox" tabindex="-1" checked=${isPicked(alert)} onChange=${() => toggle(alert)} />
    <span class="sr">${t('bulk.pick', { name: nameOf(alert) })}</span>
  </label>
`;

function PickAll() {
  const box = useRef(null);
  const [some, all] = [picked.value.length > 0, allPicked.value];
  useEffect(() => {
    box.current.indeterminate = some && !all;
  }, [some, all]);
  return html`
    <label class="pick">
      <input type="checkbox" ref=${box} checked=${all} onChange=${pickAll} />
      <span class="sr">${t('bulk.pick.all')}</span>
    </label>
  `;
}

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
          <${Time} at=${alert.lastSeen} show=${show} />
          <span class="small quiet">${t('alerts.first', { time: show(alert.firstSeen) })}</span>
        </span>
      </td>
      <td class="state">
        <span class="two-lines">
          <${AlertState} status=${alert.status} />
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
              <${PickAll} />
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

function Row({ alert, selected, picking }) {
  const { expected, actual } = sides(alert);
  return html`
    <li
      class="alert-line alert-row sev-${alert.severity} ${selected ? 'selected' : ''} ${freshness(alert)}"
      data-id=${alert.id}
    >
      ${picking && html`<${Pick} alert=${alert} />`}
      <${Severity} level=${alert.severity} />
      <div class="grow">
        <p class="status">
          <a class="row-link" href=${hrefOf(alert)} aria-current=${selected ? 'true' : undefined}>
            <b>${kindWord(alert.kind)}</b>
          </a>
          <${Times} n=${alert.count} />
        </p>
        <p class="alert-values">
          ${rich('alerts.expected', { value: expected }, 'bdi')} · <b>
            ${rich('alerts.actual', { value: actual }, 'bdi')}
          </b>
        </p>
        <p class="small alert-line-subject">
          ${alert.orderNum
            ? html`
                <span class="mono">
                  <${User} text=${alert.orderNum} />
                </span>
              `
            : html`<span class="quiet">${t('alerts.systemwide')}</span>`}
        </p>
      </div>
      <div class="alert-line-end">
        <${Time} at=${alert.lastSeen} show=${show} />
        <${AlertState} status=${alert.status} />
        <span class="small quiet user clip" title=${alert.assignee}>${alert.assignee ?? t('alerts.nobody')}</span>
      </div>
    </li>
  `;
}

export const AlertLines = ({ list, selectedId }) => html`
  <ul class="alert-lines" aria-label=${t('alerts.list')}>
    ${list.map((alert) => html`
      <${Row} key=${alert.id} alert=${alert} selected=${alert.id === selectedId} picking=${picked.value.length > 0} />
    `)}
  </ul>
`;
