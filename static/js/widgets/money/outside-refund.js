// An admin enters a refund that was made on WeChat's merchant platform, and that WeChat does not list.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { faultWords } from '../../sentences/faults.js';
import { money } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { enterOutsideRefund } from '../../state/money/refunds.js';
import { toast } from '../../state/toasts.js';
import { t } from '../../words/index.js';
import { fenOf } from '../../values/yuan.js';
import { Dialog } from '../parts/dialog.js';
import { useSending } from '../parts/sending.js';
import { amountProblem, AmountField } from './refund-fields.js';

const REFUND_ID = /^[0-9A-Za-z_-]{0,64}$/;

const problemOf = ({ refundId, reason }) => {
  if (!REFUND_ID.test(refundId.trim())) return t('outside.id.bad');
  return reason.trim() ? null : t('outside.reason.need');
};

const Line = ({ id, label, hint, value, longest, busy, onInput }) => html`
  <div class="field">
    <label for=${id}>
      ${label} ${hint && html`<span class="small quiet plain-weight">${hint}</span>`}
    </label>
    <div class="input">
      <input
        id=${id}
        maxlength=${longest}
        autocomplete="off"
        value=${value}
        disabled=${busy}
        onInput=${(event) => onInput(event.currentTarget.value)}
      />
    </div>
  </div>
`;

function OutsideDialog({ order, most, onClose, onDone }) {
  const [form, setForm] = useState({ amount: '', refundId: '', reason: '' });
  const [tried, setTried] = useState(false);
  const { busy, fault, run } = useSending();
  const enter = async (words) => {
    const answer = await enterOutsideRefund(order, words);
    if (answer) onDone(answer.refund);
  };
  const change = (part) => setForm((old) => ({ ...old, ...part }));
  const amount = amountProblem(form.amount, most);
  const problem = problemOf(form);
  const submit = (event) => {
    event.preventDefault();
    setTried(true);
    if (amount || problem) return;
    const refundId = form.refundId.trim();
    const words = { amountFen: fenOf(form.amount), reason: form.reason.trim() };
    run(() => enter(refundId ? { ...words, refundId } : words));
  };
  return html`
    <${Dialog}
      title=${t('outside.title')}
      sub=${html`<bdi class="mono">${order.orderNum}</bdi>`}
      onClose=${busy ? null : onClose}
      touched=${!busy && Object.values(form).some(Boolean)}
    >
      ${(leave) => html`
        <form onSubmit=${submit} novalidate>
          <p class="note-box warn">
            <${Icon} name="high" tone="warn" />
            <span>${t('outside.why')}</span>
          </p>
          <${AmountField}
            text=${form.amount}
            most=${most}
            problem=${amount}
            busy=${busy}
            onChange=${(text) => change({ amount: text })}
          />
          <${Line}
            id="outside-id"
            label=${t('outside.id')}
            hint=${t('outside.id.hint')}
            value=${form.refundId}
            longest="64"
            busy=${busy}
            onInput=${(text) => change({ refundId: text })}
          />
          <${Line}
            id="outside-reason"
            label=${t('outside.reason')}
            value=${form.reason}
            longest="200"
            busy=${busy}
            onInput=${(text) => change({ reason: text })}
          />
          ${tried && problem && html`<p class="bad small" role="alert">${problem}</p>`}
          ${fault && html`
            <div class="note-box crit" role="alert">
              <${Icon} name="failed" />
              <span>${faultWords(fault)}</span>
            </div>
          `}
          <div class="dialog-foot lined">
            <button type="button" class="btn" disabled=${busy} onClick=${leave}>${t('common.cancel')}</button>
            <button
              type="submit"
              class="btn primary"
              disabled=${Boolean(amount)}
              aria-disabled=${busy ? 'true' : undefined}
              aria-describedby=${amount ? 'refund-problem' : undefined}
            >
              ${t('outside.confirm')}
            </button>
          </div>
        </form>
      `}
    <//>
  `;
}

// `most` is what did not go back yet, in fen.
export function OutsideRefund({ order, most, onChanged }) {
  const [open, setOpen] = useState(false);
  const done = (refund) => {
    setOpen(false);
    toast('ok', t('outside.done', { amount: money(refund.amountFen) }));
    onChanged();
  };
  return html`
    <button type="button" class="link small" onClick=${() => setOpen(true)}>${t('outside.open')}</button>
    ${open && html`<${OutsideDialog} order=${order} most=${most} onClose=${() => setOpen(false)} onDone=${done} />`}
  `;
}
