// Why differences need no more work: one of three reasons and a note, for all that were chosen.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { differenceWord } from '../../sentences/bills.js';
import { resolving } from '../../state/bills/opened.js';
import { resolve, sending, unpick } from '../../state/bills/picked.js';
import { signedMoney } from '../../values/format.js';
import { t } from '../../words/index.js';
import { useDraft } from '../parts/draft.js';
import { Dialog } from '../parts/dialog.js';
import { Reasons } from '../parts/reasons.js';

const REASONS = ['explained', 'corrected', 'accepted'];

function subject(chosen) {
  const kinds = [...new Set(chosen.map(({ kind }) => differenceWord(kind)))];
  const fen = chosen.reduce((sum, { differenceFen }) => sum + differenceFen, 0);
  return `${kinds.join(' · ')} · ${t('recon.resolve.sum', { amount: signedMoney(fen) })}`;
}

const problemOf = (reason, note) =>
  !reason ? t('recon.resolve.reason.need') : !note ? t('recon.resolve.note.need') : null;

function Ask({ chosen }) {
  const [reason, setReason] = useState('');
  const [note, setNote, sent] = useDraft('differences');
  const [problem, setProblem] = useState(null);
  const busy = sending.value;
  const close = () => {
    resolving.value = null;
  };
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    const words = { reason, note: note.trim() };
    const found = problemOf(reason, words.note);
    setProblem(found);
    if (found) return;
    if (await resolve(chosen, words)) {
      sent();
      unpick();
      close();
    }
  };
  const n = chosen.length;
  return html`
    <${Dialog}
      title=${t('recon.resolve.title', { n })}
      sub=${subject(chosen)}
      onClose=${busy ? null : close}
      touched=${!busy && Boolean(reason || note)}
    >
      ${(leave) => html`
        <form onSubmit=${send} novalidate>
          <${Reasons}
            legend=${t('recon.resolve.reason')}
            names=${REASONS}
            book="dreason"
            value=${reason}
            onChoose=${setReason}
          />
          <div class="field">
            <label for="difference-note">${t('recon.resolve.note')}</label>
            <textarea
              id="difference-note"
              rows="3"
              maxlength="500"
              placeholder=${t('recon.resolve.note.place')}
              value=${note}
              onInput=${(event) => setNote(event.currentTarget.value)}
              aria-invalid=${problem ? 'true' : undefined}
              aria-describedby=${problem ? 'difference-problem' : undefined}
            ></textarea>
          </div>
          ${problem && html`<p class="bad small" role="alert" id="difference-problem">${problem}</p>`}
          <p class="note-box">${t('recon.resolve.hint')}</p>
          <div class="dialog-foot">
            <button type="button" class="btn" disabled=${Boolean(busy)} onClick=${leave}>${t('common.cancel')}</button>
            <button type="submit" class="btn primary" aria-disabled=${busy ? 'true' : undefined}>
              ${busy ? t('recon.resolve.sending', busy) : t('recon.resolve.ok', { n })}
            </button>
          </div>
        </form>
      `}
    <//>
  `;
}

export const ResolveDialog = () => (resolving.value ? html`<${Ask} chosen=${resolving.value} />` : null);
