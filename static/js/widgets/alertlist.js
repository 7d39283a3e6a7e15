// The alerts as a table; beside an open one, and on a phone, as rows of three lines.
import { html } from '../html.js';
import { differenceText, kindWord, valueText } from '../explain.js';
import { NONE, stamp } from '../format.js';
import { alertPath } from '../router.js';
import { serverNow } from '../state/clock.js';
import { rich, t, word } from '../words/index.js';
import { AlertState, Avatar, Severity, Time, Times, User } from './basic.js';

export const sourceOf = (alert) => alert.evidence?.fields?.find(({ name }) => name === 'source')?.wechat;
export const hrefOf = (alert) => alertPath(alert.id) + location.search;
const show = (at) => stamp(at, serverNow());

const Assignee = ({ name }) => html`<span class="status ${name ? '' : 'quiet'}"><${Avatar} name=${name} small />${name ? html`<${User} text=${name} clip />` : t('alerts.nobody')}</span>`;

function Subject({ alert }) {
  const source = sourceOf(alert);
  return html`<span class="two-lines">${alert.orderNum ? html`<span class="mono"><${User} text=${alert.orderNum} /></span>` : html`<span>${t('alerts.systemwide')}</span>`}
    ${source && html`<span class="small quiet">${t('say.source', { source: word('source', source) })}</span>`}</span>`;
}

const dash = (text) => (text === NONE ? html`<span class="quiet" aria-hidden="true">—</span><span class="sr">${t('common.none')}</span>` : html`<bdi>${text}</bdi>`);

const TableRow = ({ alert }) => html`<tr class="alert-row sev-${alert.severity}" data-id=${alert.id}>
  <td><${Severity} level=${alert.severity} words /></td>
  <td><span class="status"><a class="row-link" href=${hrefOf(alert)}><b>${kindWord(alert.kind)}</b></a><${Times} n=${alert.count} /></span></td><td><${Subject} alert=${alert} /></td>
  <td class="num value">${dash(valueText(alert.expected, alert.kind))}</td><td class="num value"><b>${dash(valueText(alert.actual, alert.kind))}</b></td><td class="num value bad"><b>${dash(differenceText(alert))}</b></td>
  <td class="seen"><span class="two-lines"><${Time} at=${alert.lastSeen} show=${show} /><span class="small quiet">${t('alerts.first', { time: show(alert.firstSeen) })}</span></span></td>
  <td><${AlertState} status=${alert.status} /></td><td class="who"><${Assignee} name=${alert.assignee} /></td></tr>`;

const COLUMNS = ['severity', 'kind', 'subject', 'expected', 'actual', 'difference', 'seen', 'state', 'assignee'];
const RIGHT = new Set(['expected', 'actual', 'difference']);

export const AlertTable = ({ list }) => html`<table class="table alert-table"><caption class="sr">${t('alerts.list')}</caption>
  <thead><tr>${COLUMNS.map((name) => html`<th scope="col" key=${name} class=${RIGHT.has(name) ? 'num' : name === 'seen' ? 'seen' : ''}>${t(`alerts.col.${name}`)}</th>`)}</tr></thead>
  <tbody>${list.map((alert) => html`<${TableRow} key=${alert.id} alert=${alert} />`)}</tbody></table>`;

const Row = ({ alert, selected }) => html`<li class="alert-line alert-row sev-${alert.severity} ${selected ? 'selected' : ''}" data-id=${alert.id}>
  <${Severity} level=${alert.severity} /><div class="grow"><p class="status"><a class="row-link" href=${hrefOf(alert)} aria-current=${selected ? 'true' : undefined}><b>${kindWord(alert.kind)}</b></a><${Times} n=${alert.count} /></p>
    <p class="alert-values">${rich('alerts.expected', { value: valueText(alert.expected, alert.kind) }, 'bdi')} · <b>${rich('alerts.actual', { value: valueText(alert.actual, alert.kind) }, 'bdi')}</b></p>
    <p class="small clip">${alert.orderNum ? html`<span class="mono"><${User} text=${alert.orderNum} /></span>` : html`<span class="quiet">${t('alerts.systemwide')}</span>`}</p></div>
  <div class="alert-line-end"><${Time} at=${alert.lastSeen} show=${show} /><${AlertState} status=${alert.status} /><span class="small quiet user">${alert.assignee ?? t('alerts.nobody')}</span></div></li>`;

export const AlertLines = ({ list, selectedId }) => html`<ul class="alert-lines" aria-label=${t('alerts.list')}>
  ${list.map((alert) => html`<${Row} key=${alert.id} alert=${alert} selected=${alert.id === selectedId} />`)}</ul>`;
