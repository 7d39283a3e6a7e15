// The cases and the differences of bills that tell of the payment of a receipt.
import { html } from '../../html.js';
import { kindWord } from '../../sentences/explain.js';
import { t } from '../../words/index.js';
import { DifferenceLine } from '../parts/difference-line.js';
import { AlertState } from '../parts/basic.js';

export const ReceiptCases = ({ receipt: { alerts = [], differences = [] } }) =>
  alerts.length + differences.length > 0 &&
  html`
    <section class="detail-part" aria-labelledby="receipt-cases">
      <h3 id="receipt-cases">${t('rec.cases')}</h3>
      <ul class="thread">
        ${alerts.map(({ id, kind, status }) => html`
          <li key=${id}>
            <p class="status">
              <a href=${`/alerts/${id}`}>${kindWord(kind)}</a>
              <span class="grow"></span>
              <${AlertState} status=${status} />
            </p>
          </li>
        `)}
        ${differences.map((each) => html`<${DifferenceLine} key=${`d${each.id}`} difference=${each} />`)}
      </ul>
    </section>
  `;
