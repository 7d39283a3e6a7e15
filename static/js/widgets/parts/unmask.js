// Asks why somebody must see a person's values in full; the server writes it down, and wants the password.
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { faultWords } from '../../sentences/faults.js';
import { post } from '../../http.js';
import { Icon } from '../../icons.js';
import { confirmed } from '../../state/people/confirm-password.js';
import { t } from '../../words/index.js';
import { Dialog } from './dialog.js';

const [SHORTEST, LONGEST] = [2, 200];

// `path` answers with what is to be seen.
export function UnmaskDialog({ path, title, sub, onClose, onDone }) {
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const send = async (event) => {
    event.preventDefault();
    const words = reason.trim();
    if (running.current) return;
    if (words.length < SHORTEST) return setProblem(t('unmask.need'));
    running.current = true;
    [setBusy(true), setProblem(null)];
    try {
      const shown = await confirmed(() => post(path, { reason: words }));
      if (shown) return onDone(shown);
    } catch (error) {
      setProblem(faultWords(error));
    } finally {
      running.current = false;
      setBusy(false);
    }
    return undefined;
  };
  return html`
    <${Dialog}
      title=${title}
      sub=${html`<bdi class="mono">${sub}</bdi>`}
      onClose=${busy ? null : onClose}
      touched=${!busy && Boolean(reason)}
    >
      ${(leave) => html`
        <form onSubmit=${send} novalidate>
          <div class="field">
            <label for="unmask-reason">${t('unmask.reason')}</label>
            <div class="input">
              <input
                id="unmask-reason"
                maxlength=${LONGEST}
                autocomplete="off"
                placeholder=${t('unmask.place')}
                value=${reason}
                data-first
                aria-invalid=${problem ? 'true' : undefined}
                aria-describedby=${problem ? 'unmask-problem' : undefined}
                onInput=${(event) => setReason(event.currentTarget.value)}
              />
            </div>
          </div>
          ${problem && html`<p class="bad small" role="alert" id="unmask-problem">${problem}</p>`}
          <p class="note-box warn">
            <${Icon} name="high" tone="warn" />
            <span>${t('unmask.why')}</span>
          </p>
          <div class="dialog-foot">
            <button type="button" class="btn" disabled=${busy} onClick=${leave}>${t('common.cancel')}</button>
            <button type="submit" class="btn primary" aria-disabled=${busy ? 'true' : undefined}>
              ${t('unmask.ok')}
            </button>
          </div>
        </form>
      `}
    <//>
  `;
}
