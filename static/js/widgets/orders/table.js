import { html } from '../../html.js';
import { tradeWord } from '../../sentences/explain.js';
import { NONE, maskPhone, money } from '../../values/format.js';
import { stampAt } from '../../state/clock.js';
import { hiddenColumns, hideColumn } from '../../state/prefs.js';
import { orderPath } from '../../router.js';
import { t } from '../../words/index.js';
import { OrderLink, PayState, ServiceState, Time, User } from '../parts/basic.js';
import { Checks, Dropdown } from '../parts/dropdown.js';

const paidOf = (order) => (order.paidFen ? money(order.paidFen) : NONE);
const phoneOf = (order) => (order.phone ? maskPhone(order.phone) : NONE);

// Where a column has no room it folds below its neighbour, if that one is shown.
const Customer = ({ order }) => html`
  <${User} text=${order.customer ?? NONE} clip />
  ${order.phone && html`<span class="fold-phone small quiet">${phoneOf(order)}</span>`}
`;
const Paid = ({ order }) => html`
  <b>${paidOf(order)}</b>
  <span class="fold-due small quiet">${t('orders.col.due')} ${money(order.totalFen)}</span>
`;

const COLUMNS = [
  ['num', '', (order) => html`<${OrderLink} num=${order.orderNum} />`],
  ['created', '', (order) => html`<${Time} at=${order.createdAt} show=${stampAt} />`],
  ['title', 'wide-text', (order) => html`<${User} text=${order.title ?? NONE} clip />`],
  ['customer', 'name-text', (order) => html`<${Customer} order=${order} />`],
  ['phone', 'col-phone quiet-cell', phoneOf],
  ['due', 'num quiet-cell col-due', (order) => money(order.totalFen)],
  ['paid', 'num', (order) => html`<${Paid} order=${order} />`],
  ['pay', 'pay-cell', (order) => html`<${PayState} code=${order.status} />`],
  ['svc', '', (order) => html`<${ServiceState} code=${order.serviceStatus} />`],
  ['wx', 'col-extra mono quiet-cell', (order) => order.transactionId ?? NONE],
  ['trade', 'col-extra', (order) => tradeWord(order.tradeType)],
];
const ALWAYS = ['num', 'pay'];

export const ColumnSettings = () => html`
  <${Dropdown} label=${t('orders.columns')} icon="filter" kind="ghost" end>
    ${() => html`
      <${Checks}
        options=${COLUMNS.filter(([name]) => !ALWAYS.includes(name)).map(([name]) => [name, t(`orders.col.${name}`)])}
        chosen=${COLUMNS.map(([name]) => name).filter((name) => !hiddenColumns.value.includes(name))}
        onChange=${(name, on) => hideColumn(name, !on)}
      />
      <p class="small quiet drop-note">${t('orders.columns.why')}</p>
    `}
  <//>
`;

export function OrderTable({ orders, nearest }) {
  const columns = COLUMNS.filter(([name]) => ALWAYS.includes(name) || !hiddenColumns.value.includes(name));
  const sorted = (name) => (name === 'created' && !nearest ? 'descending' : undefined);
  return html`
    <table class="table order-table">
      <caption class="sr">${t('orders.results')}</caption>
      <thead>
        <tr>
          ${columns.map(([name, kind]) => html`
            <th scope="col" key=${name} class=${kind.replace(/quiet-cell|mono/g, '')} aria-sort=${sorted(name)}>
              ${t(`orders.col.${name}`)}
              ${sorted(name) && html` <span aria-hidden="true">↓</span>`}
            </th>
          `)}
        </tr>
      </thead>
      <tbody>
        ${orders.map((order) => html`
          <tr class="order-row" key=${order.orderNum}>
            ${columns.map(([name, kind, draw]) => html`<td key=${name} class=${kind}>${draw(order)}</td>`)}
          </tr>
        `)}
      </tbody>
    </table>
  `;
}

const Card = ({ order }) => html`
  <li class="order-card">
    <a href=${orderPath(order.orderNum)} class="order-link order-card-link">
      <span class="order-card-line">
        <b class="grow clip user">${order.title ?? order.orderNum}</b>
        <b>${money(order.totalFen)}</b>
      </span>
      <span class="order-card-line">
        <span class="grow order-card-who">
          <bdi class="user clip">${order.customer ?? NONE}</bdi>
          ${order.phone && html`<span>· ${phoneOf(order)}</span>`}
        </span>
        <${PayState} code=${order.status} />
      </span>
      <span class="order-card-line small quiet">
        <bdi class="mono grow">${order.orderNum}</bdi>
        <${Time} at=${order.createdAt} show=${stampAt} />
      </span>
    </a>
  </li>
`;

export const OrderCards = ({ orders }) => html`
  <ul class="order-cards" aria-label=${t('orders.results')}>
    ${orders.map((order) => html`<${Card} key=${order.orderNum} order=${order} />`)}
  </ul>
`;
