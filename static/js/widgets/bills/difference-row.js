// A difference as a row of the table, and on a narrow screen as lines; opened, both facts stand below it.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { differenceWord, kindLook, sideText } from '../../sentences/bills.js';
import { isOpened, toggleOpen } from '../../state/bills/opened.js';
import { choice, isPicked, mayPick } from '../../state/bills/picked.js';
import { stampAt } from '../../state/clock.js';
import { signedMoney } from '../../values/format.js';
import { t, word } from '../../words/index.js';
import { OrderLink, Time } from '../parts/basic.js';
import { DifferenceFacts } from './difference-facts.js';
import { PickRow } from '../parts/pick.js';

export const COLUMNS = 7;
const FACT = { wechat: 'row', ours: 'booking' };
const nameOf = ({ kind, orderNum, transactionId, refundNum }) =>
  [differenceWord(kind), orderNum ?? transactionId ?? refundNum].filter(Boolean).join(' ');

export function Pick({ difference }) {
  const label = t('recon.pick', { what: nameOf(difference) });
  return mayPick(difference) ? html`<${PickRow} of=${choice} row=${difference} label=${label} />` : null;
}

function Kind({ difference }) {
  const [icon, tone] = kindLook(difference.kind);
  const opened = isOpened(difference);
  return html`
    <button
      type="button"
      class="row-link kind-button"
      aria-expanded=${String(opened)}
      title=${t(opened ? 'recon.facts.close' : 'recon.facts.toggle')}
      onClick=${() => toggleOpen(difference)}
    >
      <${Icon} name=${opened ? 'down' : 'right'} size=${14} tone="quiet" />
      <${Icon} name=${icon} size=${15} tone=${tone} />
      <b>${differenceWord(difference.kind)}</b>
    </button>
  `;
}

function Numbers({ difference }) {
  const { orderNum, orderStatus, transactionId, refundNum } = difference;
  return html`
    <span class="two-lines">
      ${orderNum && (orderStatus
        ? html`<${OrderLink} num=${orderNum} />`
        : html`<bdi class="mono clip" title=${orderNum}>${orderNum}</bdi>`)}
      ${(refundNum ?? transactionId) && html`
        <bdi class="small quiet mono clip" title=${refundNum ?? transactionId}>${refundNum ?? transactionId}</bdi>
      `}
    </span>
  `;
}

// One side: the amount or the state, and when it was.
function Value({ difference, side }) {
  const value = difference[side];
  const at = difference.evidence?.[FACT[side]]?.at;
  if (value === null) return html`<span class="quiet">${t('recon.missing')}</span>`;
  return html`
    <span class="two-lines">
      <bdi>${sideText(value)}</bdi>
      ${at && html`<${Time} class="small quiet" at=${at} show=${stampAt} />`}
    </span>
  `;
}

const State = ({ difference: { status, resolution } }) => html`
  <span class="status">
    <${Icon} name=${status === 'open' ? 'open' : 'paid'} size=${15} tone=${status === 'open' ? 'crit' : 'quiet'} />
    ${status === 'open' ? html`<b>${t('dst.open')}</b>` : word('dres', resolution)}
  </span>
`;

const Diff = ({ difference: { differenceFen, status } }) => html`
  <b class=${status === 'open' && differenceFen ? 'bad' : ''}>${signedMoney(differenceFen)}</b>
`;

const rowClass = (difference) =>
  `difference-row ${isPicked(difference) ? 'picked' : ''} ${isOpened(difference) ? 'opened' : ''}`;

export const DifferenceRow = ({ difference, pickable }) => html`
  <tr class=${rowClass(difference)} data-id=${difference.id}>
    ${pickable && html`
      <td class="pick-cell">
        <${Pick} difference=${difference} />
      </td>
    `}
    <td>
      <${Kind} difference=${difference} />
    </td>
    <td class="numbers">
      <${Numbers} difference=${difference} />
    </td>
    <td class="num">
      <${Value} difference=${difference} side="wechat" />
    </td>
    <td class="num">
      <${Value} difference=${difference} side="ours" />
    </td>
    <td class="num">
      <${Diff} difference=${difference} />
    </td>
    <td class="state">
      <${State} difference=${difference} />
    </td>
  </tr>
  ${isOpened(difference) && html`
    <tr class="facts-row">
      <td colspan=${COLUMNS}>
        <${DifferenceFacts} difference=${difference} />
      </td>
    </tr>
  `}
`;

const Pair = ({ difference, side }) => html`
  <span class="line-side">
    <span class="small quiet">${t(`recon.col.${side}`)}</span>
    <${Value} difference=${difference} side=${side} />
  </span>
`;

export const DifferenceLine = ({ difference, pickable }) => html`
  <li class=${rowClass(difference)} data-id=${difference.id}>
    <div class="line-head">
      ${pickable && html`<${Pick} difference=${difference} />`}
      <${Kind} difference=${difference} />
      <span class="grow"></span>
      <${Diff} difference=${difference} />
    </div>
    <div class="line-sides">
      <${Pair} difference=${difference} side="wechat" />
      <${Pair} difference=${difference} side="ours" />
      <${State} difference=${difference} />
    </div>
    <div class="line-numbers">
      <${Numbers} difference=${difference} />
    </div>
    ${isOpened(difference) && html`<${DifferenceFacts} difference=${difference} />`}
  </li>
`;
