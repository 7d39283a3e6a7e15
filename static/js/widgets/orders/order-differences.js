// What WeChat's bills say otherwise about one order, and how that ended.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { billPath } from '../../router.js';
import { differenceWord, endWords, kindLook, whyWords } from '../../sentences/bills.js';
import { serverNow } from '../../state/clock.js';
import { t } from '../../words/index.js';

function Difference({ difference }) {
  const { date, account, kind, status } = difference;
  const open = status === 'open';
  const [icon, tone] = open ? kindLook(kind) : ['paid', 'ok'];
  return html`
    <li>
      <span class="status">
        <${Icon} name=${icon} size=${15} tone=${tone} />
      </span>
      <div class="grow">
        <p class="status">
          <a href=${billPath(date, account, kind, open ? '' : 'resolved')}>
            <b>${differenceWord(kind)}</b>
          </a>
          <span class="grow"></span>
          <span class="small">${date}</span>
        </p>
        <p class="small">${whyWords(difference)}</p>
        <p class="small">${open ? t('dst.open') : endWords(difference, serverNow())}</p>
      </div>
    </li>
  `;
}

export const OrderDifferences = ({ differences }) =>
  differences?.length > 0 &&
  html`
    <section class="card side-card" aria-labelledby="differences-title">
      <h2 id="differences-title">
        ${t('order.differences')} <span class="count">${differences.length}</span>
      </h2>
      <ul class="rel-alerts">
        ${differences.map((each) => html`<${Difference} key=${each.id} difference=${each} />`)}
      </ul>
    </section>
  `;
