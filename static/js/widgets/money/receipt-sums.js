// Received = kept on orders + refunded + waiting, to the fen; told loudly if it ever does not hold.
import { html } from '../../html.js';
import { money, moneyIn } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { t } from '../../words/index.js';
import { Skeleton } from '../parts/states.js';

// `sign` stands before the figure; `words` say it to those who do not see it.
const Figure = ({ name, fen, sign, words }) => html`
  <div class="sum-figure ${name}">
    <dt>
      ${words && html`<span class="sr">${t(words)} </span>`}
      ${t(`rec.${name}`)}
    </dt>
    <dd>
      ${sign && html`<span class="sum-sign" aria-hidden="true">${sign}</span>`}
      ${fen === undefined ? html`<${Skeleton} w="96px" h=${18} />` : money(fen)}
    </dd>
  </div>
`;

export function Sums({ sums }) {
  const { receivedFen, bookedFen, refundedFen, waitingFen } = sums ?? {};
  const gap = sums ? receivedFen - bookedFen - refundedFen - waitingFen : 0;
  return html`
    <section class="card sums ${gap ? 'broken' : ''}" aria-label=${t('rec.sums')}>
      <dl class="sum-line" title=${t('rec.sums.note')}>
        <${Figure} name="received" fen=${receivedFen} />
        <${Figure}
          name="booked"
          fen=${bookedFen}
          sign=${gap ? '≠' : '='}
          words=${gap ? 'alert.differs' : 'rec.equal'}
        />
        <${Figure} name="refunded" fen=${refundedFen} sign="+" words="rec.plus" />
        <${Figure} name="waiting" fen=${waitingFen} sign="+" words="rec.plus" />
      </dl>
      ${sums?.otherCurrencies?.map(({ currency, received, waiting }) => html`
        <p class="small quiet" key=${currency}>
          ${t('rec.other', { received: moneyIn(received, currency), waiting: moneyIn(waiting, currency) })}
        </p>
      `)}
      ${gap !== 0 && html`
        <p class="bad small status" role="alert">
          <${Icon} name="critical" size=${14} />
          ${t('rec.unequal', { amount: money(Math.abs(gap)) })}
        </p>
      `}
    </section>
  `;
}
