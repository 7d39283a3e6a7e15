// One receipt in full: what happened, the facts, the decision, the raw notify.
import { html } from '../../html.js';
import { NONE, moneyIn } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { staffWord } from '../../sentences/people.js';
import { go } from '../../router.js';
import { stampAt } from '../../state/clock.js';
import { has, rich, t, word } from '../../words/index.js';
import { CopyButton, Facts, OrderLink, PayState, Time, User } from '../parts/basic.js';
import { Unsent } from '../parts/draft.js';
import { RawNotify } from '../parts/raw-notify.js';
import { Decision, draftName } from './receipt-decision.js';
import { ReceiptCases } from './receipt-cases.js';
import { isOpen } from './receipt-list.js';
import { ReceiptState } from '../parts/receipt-state.js';
import { Empty, Loading } from '../parts/states.js';

const step = (to, icon, words) => html`
  <button
    type="button"
    class="btn ghost icon"
    aria-label=${t(words)}
    disabled=${!to}
    onClick=${() => go(to, { replace: true })}
  >
    <${Icon} name=${icon} />
  </button>
`;

const Head = ({ receipt, near, onClose }) => html`
  <header class="detail-head">
    <div class="detail-title">
      <${Icon} name="scale" size=${18} tone="ink" />
      <h2 id="receipt-title" tabindex="-1">${receipt ? word('rrs', receipt.reason) : t('rec.panel')}</h2>
      ${receipt && html`<${ReceiptState} name=${receipt.state} tag />`}
      <span class="grow"></span>
      ${receipt && html`${step(near.prev, 'upward', 'alert.prev')}${step(near.next, 'down', 'alert.next')}`}
      <button type="button" class="btn ghost icon" aria-label=${t('common.close')} onClick=${onClose}>
        <${Icon} name="x" />
      </button>
    </div>
  </header>
`;

// The decision; for an open receipt, the note and the refund that it came back with.
function Decided({ receipt }) {
  const { action, decidedBy, proposedBy, decidedAt, note, refundNum } = receipt;
  const closed = !isOpen(receipt);
  const people = [...new Set([proposedBy, decidedBy])].filter(Boolean).map(staffWord).join(' · ');
  const rows = [
    closed && action && [t('rec.action'), html`<b>${word('ract', action)}</b>`],
    closed && people && [t('rec.col.who'), html`<${User} text=${people} />`],
    closed && decidedAt && [t('rec.decidedAt'), html`<${Time} at=${decidedAt} show=${stampAt} />`],
    note && [t('rec.note'), html`<${User} text=${note} />`],
    refundNum && [t('rec.refundNum'), html`<bdi class="mono">${refundNum}</bdi>`],
  ].filter(Boolean);
  return rows.length > 0 && html`<${Facts} rows=${rows} />`;
}

function Story({ receipt }) {
  const key = has(`rwhy.${receipt.reason}`) ? `rwhy.${receipt.reason}` : 'rwhy.other';
  return html`
    <section class="explain sev-${isOpen(receipt) ? 'medium' : 'info'}">
      <p class="explain-lead">
        ${rich(key, { amount: moneyIn(receipt.amountFen, receipt.currency), orderNum: receipt.orderNum }, 'bdi')}
      </p>
    </section>
  `;
}

const FactList = ({ receipt }) => html`
  <section class="detail-part" aria-labelledby="receipt-facts">
    <h3 id="receipt-facts">${t('rec.facts')}</h3>
    <${Facts}
      rows=${[
        [t('rec.col.amount'), html`<b>${moneyIn(receipt.amountFen, receipt.currency)}</b>`],
        ...(receipt.refundedFen ? [[t('money.refunded'), moneyIn(receipt.refundedFen, receipt.currency)]] : []),
        ...(receipt.returningFen ? [[t('money.returning'), moneyIn(receipt.returningFen, receipt.currency)]] : []),
        [
          t('rec.order'),
          receipt.orderStatus
            ? html`<${OrderLink} num=${receipt.orderNum} />`
            : html`<bdi class="mono user">${receipt.orderNum || NONE}</bdi>`,
        ],
        ...(receipt.orderStatus ? [[t('rec.order.status'), html`<${PayState} code=${receipt.orderStatus} />`]] : []),
        [
          t('rec.wx'),
          html`
            <span class="status">
              <bdi class="mono">${receipt.transactionId}</bdi>
              <${CopyButton} text=${receipt.transactionId} />
            </span>
          `,
        ],
        [t('rec.when'), html`<${Time} at=${receipt.receivedAt} show=${stampAt} />`],
        [t('rec.merchant'), html`<${User} text=${receipt.merchant || NONE} />`],
      ]}
    />
  </section>
`;

export function ReceiptDetail({ receipt, missing, near, onClose, onChanged }) {
  if (!receipt) {
    return html`
      <section class="detail" aria-labelledby="receipt-title">
        <${Head} onClose=${onClose} />
        ${!missing
          ? html`<${Loading} rows=${6} />`
          : html`
              <${Empty} icon="scale" title=${t('rec.notfound')} why=${t('rec.notfound.why')}>
                <a class="btn" href="/receipts?state=all">${t('rec.seeAll')}</a>
              <//>
            `}
      </section>
    `;
  }
  return html`
    <section class="detail" aria-labelledby="receipt-title">
      <${Head} receipt=${receipt} near=${near} onClose=${onClose} />
      <div class="detail-body" tabindex="0" role="group" aria-labelledby="receipt-title">
        <${Story} receipt=${receipt} />
        <section class="detail-part" aria-labelledby="receipt-decide">
          <h3 id="receipt-decide">${t(isOpen(receipt) ? 'rec.decide' : 'rec.decided')}</h3>
          <${Decided} receipt=${receipt} />
          ${isOpen(receipt) && html`
            <${Decision} key=${`${receipt.id} ${receipt.version}`} receipt=${receipt} onChanged=${onChanged} />
          `}
          ${!isOpen(receipt) && html`<${Unsent} about=${draftName(receipt)} />`}
        </section>
        <${ReceiptCases} receipt=${receipt} />
        <${FactList} receipt=${receipt} />
        <${RawNotify} key=${receipt.id} evidence=${{ notifyId: receipt.notifyId }} />
      </div>
    </section>
  `;
}
