// An admin's yes or no to a refund that waits.
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { faultWords } from '../../sentences/faults.js';
import { money } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { decideRefund } from '../../state/money/refunds.js';
import { t } from '../../words/index.js';
import { Dialog } from '../parts/dialog.js';

export function RefundDecision({ deed, refund, onClose, onDone }) {
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const amount = money(refund.amountFen);
  const rejects = deed === 'reject';
  const send = async (event) => {
    event.preventDefault();
    if (running.current) return;
    if (rejects && !note.trim()) return setProblem(t('rfd.note.need'));
    running.current = true;
    [setBusy(true), setProblem(null)];
    try {
      const answer = await decideRefund(refund, deed, note.trim());
      if (answer) return onDone(answer.refund);
    } catch (error) {
      setProblem(faultWords(error));
    } finally {
      running.current = false;
      setBusy(false);
    }
    return undefined;
  };
  const sub = html`
    <bdi class="mono">${refund.refundNum}</bdi> · <bdi class="user">${refund.reason}</bdi>
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
          ${rejects && html`
            <div class="field">
              <label for="refund-why">${t('rfd.note')}</label>
              <textarea
                id="refund-why"
                rows="3"
                maxlength="200"
                placeholder=${t('rfd.note.place')}
                value=${note}
                data-first
                aria-describedby=${problem ? 'decision-problem' : undefined}
                onInput=${(event) => setNote(event.currentTarget.value)}
              ></textarea>
            </div>
          `}
          ${!rejects && html`
            <p class="note-box warn">
              <${Icon} name="high" tone="warn" />
              <span>${t('refund.consequence')}</span>
            </p>
          `}
          ${problem && html`<p class="bad small" role="alert" id="decision-problem">${problem}</p>`}
          <div class="dialog-foot">
            <button
              type="button"
              class="btn"
              disabled=${busy}
              data-first=${rejects ? undefined : true}
              onClick=${leave}
            >
              ${t('common.cancel')}
            </button>
            <button
              type="submit"
              class="btn ${rejects ? 'primary' : 'danger'}"
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
