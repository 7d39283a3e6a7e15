// The money of an order: due, paid, refunded, on the way, and what is left to refund.
import { html } from '../../html.js';
import { isFen, money } from '../../values/format.js';
import { sumsOf } from '../../state/money/refunds.js';
import { may } from '../../state/session.js';
import { t } from '../../words/index.js';
import { Facts } from '../parts/basic.js';
import { OutsideRefund } from '../money/outside-refund.js';
import { RefundItem } from '../money/refund-list.js';

// The part that WeChat's coupon paid can be refunded like the buyer's own money.
function paidRows(paid, payment) {
  if (!paid || !payment?.couponFen) return [[t('money.received'), money(paid)]];
  return [
    [t('money.coupon'), money(-payment.couponFen)],
    [t('money.cash'), money(payment.cashFen)],
  ];
}

// The unmatched payments of this order: payments that were refused.
const UNDECIDED = ['waiting', 'proposed', 'refunding'];
const unbooked = (why) =>
  UNDECIDED.includes(why?.receiptState) && isFen(why.amountFen) ? [[t('money.unbooked'), money(why.amountFen)]] : [];

export function Money({ order, refunds, payment, why, onChanged }) {
  const { paid, refunded, underWay, requested, refundable } = sumsOf(order, refunds);
  const left = paid - refunded - underWay;
  const back = (words, fen) => (fen ? [[t(words), money(-fen), 'back']] : []);
  const rows = [
    [t('money.due'), money(order.totalFen)],
    ...paidRows(paid, payment),
    ...unbooked(why),
    ...(paid
      ? [
          [t('money.refunded'), money(refunded ? -refunded : 0), refunded ? 'back' : 'quiet'],
          ...back('money.underway', underWay),
          ...back('money.requested', requested),
          [t('money.refundable'), money(refundable), 'sum'],
        ]
      : []),
  ];
  return html`
    <section class="card side-card" aria-labelledby="money-title">
      <h2 id="money-title">${t('money.title')}</h2>
      <${Facts} rows=${rows} />
      ${onChanged && may('enterRefund') && left > 0 && html`
        <${OutsideRefund} order=${order} most=${left} onChanged=${onChanged} />
      `}
      ${refunds.length > 0 && html`
        <h3>
          ${t('money.refunds')} <span class="count">${refunds.length}</span>
        </h3>
        <ul class="refunds">
          ${refunds.map((refund) => html`
            <${RefundItem} key=${refund.refundNum} refund=${refund} onChanged=${onChanged} />
          `)}
        </ul>
      `}
    </section>
  `;
}
