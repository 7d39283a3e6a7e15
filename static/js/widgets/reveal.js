// Before an admin sees a notify in full: why, and that it is written down.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { faultWords } from '../faults.js';
import { Icon } from '../icons.js';
import { post } from '../http.js';
import { confirmed } from '../state/confirm.js';
import { t } from '../words/index.js';
import { Dialog } from './dialog.js';

export function RevealDialog({ id, onFull, onClose }) {
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    if (!reason.trim()) return setProblem(t('reveal.need'));
    setBusy(true);
    try {
      const answer = await confirmed(() => post(`notifies/${encodeURIComponent(id)}/unmask`, { reason: reason.trim() }));
      if (answer) {
        onFull(answer.body);
        onClose();
      }
    } catch (error) {
      setProblem(faultWords(error));
    } finally {
      setBusy(false);
    }
    return undefined;
  };
  return html`<${Dialog} title=${t('reveal.title')} onClose=${onClose} touched=${Boolean(reason)}>${(leave) => html`<form onSubmit=${send} novalidate>
    <div class="field"><label for="reveal-reason">${t('reveal.reason')}</label><div class="input ${problem ? 'wrong' : ''}"><input id="reveal-reason" maxlength="200" autocomplete="off" placeholder=${t('reveal.place')} value=${reason} onInput=${(event) => setReason(event.currentTarget.value)} aria-invalid=${problem ? 'true' : undefined} aria-describedby=${problem ? 'reveal-problem' : undefined} data-first /></div></div>
    ${problem && html`<p class="bad small" role="alert" id="reveal-problem">${problem}</p>`}
    <p class="note-box warn"><${Icon} name="eye" tone="warn" /><span>${t('reveal.logged')}</span></p>
    <div class="dialog-foot"><button type="button" class="btn" onClick=${leave}>${t('common.cancel')}</button><button type="submit" class="btn primary" disabled=${busy}>${t('reveal.ok')}</button></div></form>`}<//>`;
}
