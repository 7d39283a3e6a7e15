// The money that a case tells of, as it stands now: its unmatched payments, their refunds, the differences of bills.
import { html } from '../../html.js';
import { receiptPath } from '../../router.js';
import { moneyIn } from '../../values/format.js';
import { t, word } from '../../words/index.js';
import { DifferenceLine } from '../parts/difference-line.js';
import { ReceiptState } from '../parts/receipt-state.js';

const Payment = ({ receipt }) => html`
  <li>
    <p class="status">
      <a href=${receiptPath(receipt.id)}>
        ${t('case.receipt', { amount: moneyIn(receipt.amountFen, receipt.currency) })}
      </a>
      <span class="grow"></span>
      <${ReceiptState} name=${receipt.state} />
    </p>
    ${receipt.refundNum && html`
      <p class="status small">
        <span>
          ${t('thread.refund')} <bdi class="mono">${receipt.refundNum}</bdi>
        </span>
        <span class="grow"></span>
        <span>${word('rfd', receipt.refundStatus)}</span>
      </p>
    `}
  </li>
`;

export const MoneyThread = ({ receipts, differences }) =>
  receipts?.length > 0 &&
  html`
    <section class="detail-part" aria-labelledby="thread-title">
      <h3 id="thread-title">${t('thread.title')}</h3>
      <ul class="thread">
        ${receipts.map((receipt) => html`<${Payment} key=${receipt.id} receipt=${receipt} />`)}
        ${differences.map((each) => html`<${DifferenceLine} key=${`d${each.id}`} difference=${each} />`)}
      </ul>
    </section>
  `;
