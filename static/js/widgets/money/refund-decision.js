// What an admin decides about a refund: yes or no to one that waits, and the end of one that does not come to it by
// itself.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { faultWords } from '../../sentences/faults.js';
import { money } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { decideRefund, endRefund, payMerchant } from '../../state/money/refunds.js';
import { t } from '../../words/index.js';
import { useDraft } from '../parts/draft.js';
import { Dialog } from '../parts/dialog.js';
import { useSending } from '../parts/sending.js';
import { RefundReason } from './refund-reason.js';

const SHORTEST = 2;
// `note`: the words that the decision needs; `warns`: what is to be known before it.
const DEEDS = {
  approve: { send: (refund) => decideRefund(refund, 'approve', ''), warns: 'refund.consequence' },
  reject: { send: (refund, note) => decideRefund(refund, 'reject', note), note: 'rfd.note' },
  end: { send: endRefund, note: 'rfd.end.note', warns: 'rfd.end.warn' },
  abnormal: { send: payMerchant, warns: 'rfd.abnormal.warn' },
};

export function RefundDecision({ deed, refund, onClose, onDone }) {
  const [note, setNote, sent] = useDraft(`refund ${refund.refundNum}`);
  const [short, setShort] = useState(false);
  const { busy, fault, run } = useSending();
  const amount = money(refund.amountFen);
  const { send: carryOut, note: asks, warns } = DEEDS[deed];
  const send = (event) => {
    event.preventDefault();
    const isShort = Boolean(asks) && note.trim().length < SHORTEST;
    setShort(isShort);
    if (isShort) return;
    run(async () => {
      const answer = await carryOut(refund, note.trim());
      if (!answer) return;
      sent();
      onDone(answer.refund);
    });
  };
  const problem = short ? t(`${asks}.need`) : fault && faultWords(fault);
  const sub = html`
    <bdi class="mono">${refund.refundNum}</bdi> · <${RefundReason} text=${refund.reason} />
  `;
  return html`
    <${Dialog}
      title=${t(`rfd.${deed}.title`, { amount })}
      sub=${sub}
      onClose=${busy ? null : onClose}
      touched=${!busy && Boolean(note)}
    >
      ${(leave) => html`
        <form onSubmit=${send} novalidate>
          ${asks && html`
            <div class="field">
              <label for="refund-why">${t(asks)}</label>
              <textarea
                id="refund-why"
                rows="3"
                maxlength="200"
                placeholder=${t(`${asks}.place`)}
                value=${note}
                data-first
                aria-describedby=${problem ? 'decision-problem' : undefined}
                onInput=${(event) => setNote(event.currentTarget.value)}
              ></textarea>
            </div>
          `}
          ${warns && html`
            <p class="note-box warn">
              <${Icon} name="high" tone="warn" />
              <span>${t(warns)}</span>
            </p>
          `}
          ${problem && html`<p class="bad small" role="alert" id="decision-problem">${problem}</p>`}
          <div class="dialog-foot">
            <button type="button" class="btn" disabled=${busy} data-first=${asks ? undefined : true} onClick=${leave}>
              ${t('common.cancel')}
            </button>
            <button
              type="submit"
              class="btn ${deed === 'reject' ? 'primary' : 'danger'}"
              aria-disabled=${busy ? 'true' : undefined}
            >
              ${t(`rfd.${deed}.ok`, { amount })}
            </button>
          </div>
        </form>
      `}
    <//>
  `;
}
