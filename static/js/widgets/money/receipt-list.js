// The receipts as a table; beside an open one, and on a phone, as rows of three lines.
import { html } from '../../html.js';
import { NONE, moneyIn } from '../../values/format.js';
import { staffWord } from '../../sentences/people.js';
import { receiptPath } from '../../router.js';
import { stampAt } from '../../state/clock.js';
import { state } from '../../state/money/receipts.js';
import { t, word } from '../../words/index.js';
import { ReceiptState } from '../parts/receipt-state.js';
import { Age, OrderLink, Time, User } from '../parts/basic.js';

export const hrefOf = (receipt) => receiptPath(receipt.id, state.value);
export const isOpen = ({ state: name }) => name === 'waiting' || name === 'proposed';

// Decided, or what the rules propose while it waits.
function Action({ receipt }) {
  const { action, proposal } = receipt;
  if (action) return html`<span>${word('ract', action)}</span>`;
  return proposal
    ? html`<span class="quiet">${t('ract.proposed')} · </span>${word('ract', proposal)}`
    : html`<span class="quiet">${NONE}</span>`;
}

const whoOf = ({ decidedBy, proposedBy }) => decidedBy ?? proposedBy;
const Order = ({ receipt }) =>
  receipt.orderStatus
    ? html`<${OrderLink} num=${receipt.orderNum} />`
    : html`<bdi class="mono user">${receipt.orderNum || NONE}</bdi>`;

const TableRow = ({ receipt }) => html`
  <tr class="receipt-row" data-id=${receipt.id}>
    <td>
      <a class="row-link" href=${hrefOf(receipt)}>
        <b>${word('rrs', receipt.reason)}</b>
      </a>
    </td>
    <td class="order-cell">
      <${Order} receipt=${receipt} />
    </td>
    <td class="num">
      <b>${moneyIn(receipt.amountFen, receipt.currency)}</b>
    </td>
    <td class="seen">
      <span class="two-lines">
        <${Time} at=${receipt.receivedAt} show=${stampAt} />
        <span class="small quiet">
          <${Age} at=${receipt.receivedAt} />
        </span>
      </span>
    </td>
    <td>
      <${Action} receipt=${receipt} />
    </td>
    <td>
      <${ReceiptState} name=${receipt.state} />
    </td>
    <td class="who">
      ${whoOf(receipt)
        ? html`<${User} text=${staffWord(whoOf(receipt))} clip />`
        : html`<span class="quiet">${NONE}</span>`}
    </td>
  </tr>
`;

const COLUMNS = ['reason', 'order', 'amount', 'received', 'proposal', 'state', 'who'];
const KINDS = { amount: 'num', received: 'seen' };

export const ReceiptTable = ({ list }) => html`
  <table class="table receipt-table">
    <caption class="sr">${t('rec.list')}</caption>
    <thead>
      <tr>
        ${COLUMNS.map((name) => html`<th scope="col" key=${name} class=${KINDS[name]}>${t(`rec.col.${name}`)}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${list.map((receipt) => html`<${TableRow} key=${receipt.id} receipt=${receipt} />`)}
    </tbody>
  </table>
`;

const Row = ({ receipt, selected }) => html`
  <li class="alert-line receipt-row ${selected ? 'selected' : ''}" data-id=${receipt.id}>
    <div class="grow">
      <p>
        <a class="row-link" href=${hrefOf(receipt)} aria-current=${selected ? 'true' : undefined}>
          <b>${word('rrs', receipt.reason)}</b>
        </a>
      </p>
      <p>
        <${Action} receipt=${receipt} />
      </p>
      <p class="small clip">
        <bdi class="mono user">${receipt.orderNum || NONE}</bdi>
      </p>
    </div>
    <div class="alert-line-end">
      <b class="line-amount">${moneyIn(receipt.amountFen, receipt.currency)}</b>
      <${ReceiptState} name=${receipt.state} />
      <${Time} at=${receipt.receivedAt} show=${stampAt} />
    </div>
  </li>
`;

export const ReceiptLines = ({ list, selectedId }) => html`
  <ul class="alert-lines" aria-label=${t('rec.list')}>
    ${list.map((receipt) => html`
      <${Row} key=${receipt.id} receipt=${receipt} selected=${String(receipt.id) === selectedId} />
    `)}
  </ul>
`;
