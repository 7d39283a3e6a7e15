// The refunds of an order: how far each is, who asked and decided, and what may be done with it.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { faultWords, refundFault } from '../../sentences/faults.js';
import { money } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { staffWord } from '../../sentences/people.js';
import { receiptPath } from '../../router.js';
import { stampAt } from '../../state/clock.js';
import { askRefund, UNDER_WAY } from '../../state/money/refunds.js';
import { may, user } from '../../state/session.js';
import { toast } from '../../state/toasts.js';
import { has, t, word } from '../../words/index.js';
import { Time } from '../parts/basic.js';
import { RefundDecision } from './refund-decision.js';
import { RefundReason } from './refund-reason.js';

const LOOKS = {
  REQUESTED: ['pending', 'warn'],
  APPROVED: ['refunding', 'vio'],
  PROCESSING: ['refunding', 'vio'],
  SUCCESS: ['refund', 'vio'],
  ABNORMAL: ['high', 'high'],
  CLOSED: ['closed', 'quiet'],
  REFUSED: ['failed', 'crit'],
  REJECTED: ['closed', 'quiet'],
  ENDED: ['closed', 'quiet'],
};

const ASKABLE = [...UNDER_WAY, 'REFUSED', 'ENDED'];

function RefundState({ status }) {
  const [icon, tone] = LOOKS[status] ?? ['low', 'ink'];
  return html`
    <span class="tag tone-${tone}">
      <${Icon} name=${icon} size=${13} />
      ${word('rfd', status)}
    </span>
  `;
}

// The result of an action, for the toast.
export function tellRefund(refund) {
  const { status, amountFen } = refund;
  const alone = status === 'REQUESTED' && may('refund') ? '.admin' : '';
  const bad = ['REFUSED', 'CLOSED', 'ABNORMAL'].includes(status);
  toast(
    bad ? 'crit' : 'ok',
    t(`rfd.say.${status}${alone}`, { amount: money(amountFen), why: refundFault(refund) || t('rfd.nowhy') }),
  );
}

// A refund of WeChat's platform was asked for by nobody here; a person may have entered it.
function outsideWords({ requestedBy }) {
  return requestedBy === 'wechat' ? t('rfd.outside') : t('rfd.outside.by', { by: staffWord(requestedBy) });
}

function People({ refund }) {
  const { requestedBy, firstBy, decidedBy, status, origin } = refund;
  if (origin === 'wechat') return html`<p class="small quiet user">${outsideWords(refund)}</p>`;
  const first = firstBy && status === 'REQUESTED' ? t('rfd.firstBy', { by: staffWord(firstBy) }) : '';
  const said =
    decidedBy && decidedBy !== requestedBy
      ? t(status === 'REJECTED' ? 'rfd.rejectedBy' : 'rfd.approvedBy', { by: staffWord(decidedBy) })
      : '';
  return html`
    <p class="small quiet user">
      ${[requestedBy && t('rfd.by', { by: staffWord(requestedBy) }), first, said].filter(Boolean).join(' · ')}
    </p>
  `;
}

function AskButton({ refund, onChanged }) {
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    try {
      tellRefund((await askRefund(refund)).refund);
      onChanged();
    } catch (error) {
      toast('crit', faultWords(error));
    }
    setBusy(false);
  };
  return html`
    <button type="button" class="btn small" disabled=${busy} onClick=${ask}>
      <${Icon} name="replay" size=${14} />
      ${t(busy ? 'deed.query.busy' : 'rfd.ask')}
      <span class="sr"> ${t('rfd.of', { amount: money(refund.amountFen) })}</span>
    </button>
  `;
}

// A refund that still waits though an admin asked for it needs another one.
function Decide({ refund, onOpen }) {
  const own = [refund.requestedBy, refund.firstBy].includes(user.value?.name);
  const why = `own-${refund.refundNum}`;
  const of = html`<span class="sr"> ${t('rfd.of', { amount: money(refund.amountFen) })}</span>`;
  return html`
    <button
      type="button"
      class="btn small"
      disabled=${own}
      aria-describedby=${own ? why : undefined}
      onClick=${() => onOpen('approve')}
    >
      <${Icon} name="check" size=${14} />
      ${t('rfd.approve')}
      ${of}
    </button>
    <button type="button" class="btn small" onClick=${() => onOpen('reject')}>${t('rfd.reject')}${of}</button>
    ${own && html`<p class="small quiet refund-own" id=${why}>${t('rfd.own')}</p>`}
  `;
}

// What only an admin does: a refund that does not come to its end by itself.
function Finish({ refund, onOpen }) {
  if (!UNDER_WAY.includes(refund.status) || !may('decideRefund')) return null;
  const of = html`<span class="sr"> ${t('rfd.of', { amount: money(refund.amountFen) })}</span>`;
  return html`
    ${refund.status === 'ABNORMAL' && html`
      <button type="button" class="btn small" onClick=${() => onOpen('abnormal')}>${t('rfd.abnormal')}${of}</button>
    `}
    <button type="button" class="btn small" onClick=${() => onOpen('end')}>${t('rfd.end')}${of}</button>
  `;
}

function Deeds({ refund, onChanged }) {
  const [dialog, setDialog] = useState(null);
  const decides = refund.status === 'REQUESTED';
  if (decides && !may('decideRefund')) return html`<p class="small quiet">${t('rfd.wait')}</p>`;
  if (!decides && !(ASKABLE.includes(refund.status) && may('query'))) return null;
  const done = (fresh) => {
    setDialog(null);
    if (fresh) tellRefund(fresh);
    onChanged();
  };
  return html`
    <div class="refund-deeds">
      ${decides
        ? html`<${Decide} refund=${refund} onOpen=${setDialog} />`
        : html`
            <${AskButton} refund=${refund} onChanged=${onChanged} />
            <${Finish} refund=${refund} onOpen=${setDialog} />
          `}
    </div>
    ${dialog && html`
      <${RefundDecision} deed=${dialog} refund=${refund} onClose=${() => setDialog(null)} onDone=${done} />
    `}
  `;
}

// An approved refund without WeChat's refusal waits for its first answer.
const whyKey = ({ status, failure, endedFrom }) =>
  `rfd.why.${[status, status === 'APPROVED' && failure && 'again', endedFrom].filter(Boolean).join('.')}`;
const whyOf = (refund) => [has(whyKey(refund)) && t(whyKey(refund)), refundFault(refund)].filter(Boolean).join(' ');

export const RefundItem = ({ refund, onChanged }) => html`
  <li class="refund-item">
    <div class="refund-line">
      <b>${money(refund.amountFen)}</b>
      <${RefundState} status=${refund.status} />
      <span class="grow"></span>
      <${Time} class="small quiet" at=${refund.succeededAt ?? refund.createdAt} show=${stampAt} />
    </div>
    ${refund.reason && html`
      <p>
        <${RefundReason} text=${refund.reason} />
      </p>
    `}
    <${People} refund=${refund} />
    ${whyOf(refund) && html`<p class="small">${whyOf(refund)}</p>`}
    <p class="small quiet">
      <bdi class="mono">${refund.refundNum}</bdi>
      ${refund.receiptId && html` · <a href=${receiptPath(refund.receiptId)}>${t('rfd.receipt')}</a>`}
    </p>
    ${onChanged && html`<${Deeds} refund=${refund} onChanged=${onChanged} />`}
  </li>
`;
