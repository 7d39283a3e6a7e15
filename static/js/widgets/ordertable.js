import { html } from '../html.js';
import { tradeWord } from '../explain.js';
import { maskPhone, money, NONE, stamp } from '../format.js';
import { serverNow } from '../state/clock.js';
import { orderPath } from '../router.js';
import { t } from '../words/index.js';
import { OrderLink, PayState, ServiceState, Time, User } from './basic.js';

const show = (at) => stamp(at, serverNow());
const paidOf = (order) => (order.paidFen ? money(order.paidFen) : NONE);
const phoneOf = (order) => (order.phone ? maskPhone(order.phone) : NONE);

const TableRow = ({ order }) => html`<tr class="order-row"><td><${OrderLink} num=${order.orderNum} /></td><td><${Time} at=${order.createdAt} show=${show} /></td>
  <td class="wide-text"><${User} text=${order.title ?? NONE} clip /></td><td class="name-text"><${User} text=${order.customer ?? NONE} clip /></td><td class="col-phone quiet-cell">${phoneOf(order)}</td>
  <td class="num quiet-cell col-due">${money(order.totalFen)}</td><td class="num"><b>${paidOf(order)}</b></td><td class="pay-cell"><${PayState} code=${order.status} /></td><td><${ServiceState} code=${order.serviceStatus} /></td>
  <td class="col-extra mono quiet-cell">${order.transactionId ?? NONE}</td><td class="col-extra">${tradeWord(order.tradeType)}</td></tr>`;

const COLUMNS = ['num', 'created', 'title', 'customer', 'phone', 'due', 'paid', 'pay', 'svc', 'wx', 'trade'];
const KINDS = { due: 'num col-due', paid: 'num', phone: 'col-phone', pay: 'pay-cell', wx: 'col-extra', trade: 'col-extra' };

export const OrderTable = ({ orders }) => html`<table class="table order-table"><caption class="sr">${t('orders.results')}</caption>
  <thead><tr>${COLUMNS.map((name) => html`<th scope="col" key=${name} class=${KINDS[name]}>${t(`orders.col.${name}`)}</th>`)}</tr></thead>
  <tbody>${orders.map((order) => html`<${TableRow} key=${order.orderNum} order=${order} />`)}</tbody></table>`;

const Card = ({ order }) => html`<li class="order-card"><a href=${orderPath(order.orderNum)} class="order-link order-card-link">
  <span class="order-card-line"><b class="grow clip user">${order.title ?? order.orderNum}</b><b>${money(order.totalFen)}</b></span>
  <span class="order-card-line"><span class="grow clip"><bdi class="user">${order.customer ?? NONE}</bdi>${order.phone && ` · ${phoneOf(order)}`}</span><${PayState} code=${order.status} /></span>
  <span class="order-card-line small quiet"><bdi class="mono grow">${order.orderNum}</bdi><${Time} at=${order.createdAt} show=${show} /></span></a></li>`;

export const OrderCards = ({ orders }) => html`<ul class="order-cards" aria-label=${t('orders.results')}>${orders.map((order) => html`<${Card} key=${order.orderNum} order=${order} />`)}</ul>`;
