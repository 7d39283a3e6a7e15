// The dialog for a text about a case: a note, or how it ended.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../words/index.js';
import { useDraft } from './draft.js';
import { Dialog } from './dialog.js';
import { Reasons } from './reasons.js';

const REASONS = ['refunded', 'order_created', 'false_alarm', 'confirmed_with_customer', 'other'];
const NEEDS_NOTE = new Set(['false_alarm', 'other']);
const SHORTEST = 5;

function problemOf({ asksReason, reason, note }) {
  if (asksReason && !reason) return t('alert.reason.need');
  if (asksReason && NEEDS_NOTE.has(reason) && note.length < SHORTEST) return t('alert.note.needed');
  return !asksReason && !note ? t('alert.note.need') : null;
}

// `about`: what the text is about, by which it is kept until it is sent.
export function WordsDialog({ title, about, asksReason, submit, onSend, onClose }) {
  const [reason, setReason] = useState('');
  const [note, setNote, sent] = useDraft(about);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    const words = { note: note.trim() };
    const found = problemOf({ asksReason, reason, note: words.note });
    setProblem(found);
    if (found) return undefined;
    setBusy(true);
    const done = await onSend(asksReason ? { ...words, reason } : words);
    setBusy(false);
    if (!done) return setProblem(t('draft.kept'));
    sent();
    return onClose();
  };
  const sub = asksReason && (NEEDS_NOTE.has(reason) ? 'alert.note.must' : 'alert.note.may');
  return html`
    <${Dialog} title=${title} onClose=${onClose} touched=${Boolean(reason || note)}>
      ${(leave) => html`
        <form onSubmit=${send} novalidate>
          ${asksReason && html`
            <${Reasons}
              legend=${t('alert.reason')}
              names=${REASONS}
              book="reason"
              value=${reason}
              onChoose=${setReason}
            />
          `}
          <div class="field">
            <label for="alert-note">
              ${t('alert.note.label')}
              ${sub && html` <span class="small quiet">${t(sub)}</span>`}
            </label>
            <textarea
              id="alert-note"
              rows="4"
              maxlength="500"
              placeholder=${t('alert.note.place')}
              value=${note}
              onInput=${(event) => setNote(event.currentTarget.value)}
              aria-invalid=${problem ? 'true' : undefined}
              aria-describedby=${problem ? 'alert-note-problem' : undefined}
              data-first=${asksReason ? undefined : true}
            ></textarea>
          </div>
          ${problem && html`<p class="bad small" role="alert" id="alert-note-problem">${problem}</p>`}
          ${asksReason && html`<p class="note-box">${t('alert.resolve.hint')}</p>`}
          <div class="dialog-foot">
            <button type="button" class="btn" onClick=${leave}>${t('common.cancel')}</button>
            <button type="submit" class="btn primary" disabled=${busy}>${submit}</button>
          </div>
        </form>
      `}
    <//>
  `;
}
