// What one may do with an alert: claim, resolve, reopen, note. What a role may not do is not there.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { kindWord } from '../explain.js';
import { Icon } from '../icons.js';
import { useKeys } from '../keyboard.js';
import { act } from '../state/alerts.js';
import { may } from '../state/session.js';
import { t } from '../words/index.js';
import { Dialog } from './dialog.js';

const REASONS = ['refunded', 'order_created', 'false_alarm', 'confirmed_with_customer', 'other'];
const NEEDS_NOTE = new Set(['false_alarm', 'other']);

function problemOf({ asksReason, reason, note }) {
  if (asksReason && !reason) return t('alert.reason.need');
  if (asksReason && NEEDS_NOTE.has(reason) && note.length < 5) return t('alert.note.needed');
  return !asksReason && !note ? t('alert.note.need') : null;
}

function Reasons({ value, onChoose }) {
  return html`<fieldset class="field plain"><legend>${t('alert.reason')}</legend>${REASONS.map((name, i) => html`
    <label class="check" key=${name}><input type="radio" name="reason" value=${name} checked=${value === name} onChange=${() => onChoose(name)} data-first=${i === 0 ? true : undefined} />${t(`reason.${name}`)}</label>`)}</fieldset>`;
}

export function WordsDialog({ title, asksReason, submit, onSend, onClose }) {
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    const words = { note: note.trim() };
    const found = problemOf({ asksReason, reason, note: words.note });
    setProblem(found);
    if (found) return;
    setBusy(true);
    const done = await onSend(asksReason ? { ...words, reason } : words);
    setBusy(false);
    if (done) onClose();
  };
  return html`<${Dialog} title=${title} onClose=${onClose} touched=${Boolean(reason || note)}><form onSubmit=${send} novalidate>
    ${asksReason && html`<${Reasons} value=${reason} onChoose=${setReason} />`}
    <div class="field"><label for="alert-note">${t('alert.note.label')}</label><textarea id="alert-note" rows="4" maxlength="500" placeholder=${t('alert.note.place')} value=${note} onInput=${(event) => setNote(event.currentTarget.value)} aria-describedby=${problem ? 'alert-note-problem' : undefined} data-first=${asksReason ? undefined : true}></textarea></div>
    ${problem && html`<p class="bad small" role="alert" id="alert-note-problem">${problem}</p>`}${asksReason && html`<p class="note-box">${t('alert.resolve.hint')}</p>`}
    <div class="dialog-foot"><button type="button" class="btn" onClick=${onClose}>${t('common.cancel')}</button><button type="submit" class="btn primary" disabled=${busy}>${submit}</button></div></form><//>`;
}

export function AlertActions({ alert, onChanged }) {
  const [dialog, setDialog] = useState(null);
  const [busy, setBusy] = useState(false);
  const can = {
    acknowledge: may('acknowledge') && alert.status === 'open', resolve: may('resolve') && alert.status !== 'resolved',
    reopen: may('reopen') && alert.status === 'resolved', note: may('note'),
  };
  const run = async (action, words) => {
    setBusy(true);
    const fresh = await act(alert, action, words);
    setBusy(false);
    if (fresh) onChanged(fresh);
    return fresh;
  };
  useKeys({ a: () => (can.acknowledge && !busy ? void run('acknowledge') : false), e: () => (can.resolve ? setDialog('resolve') : false) });
  if (!Object.values(can).some(Boolean)) return null;
  const names = { kind: kindWord(alert.kind) };
  return html`<footer class="detail-foot">
    ${can.acknowledge && html`<button type="button" class="btn primary" disabled=${busy} onClick=${() => run('acknowledge')}>${t('alerts.claim')} <kbd aria-hidden="true">A</kbd></button>`}
    ${can.resolve && html`<button type="button" class="btn ${can.acknowledge ? '' : 'primary'}" onClick=${() => setDialog('resolve')}><${Icon} name="check" />${t('alert.resolve')} <kbd aria-hidden="true">E</kbd></button>`}
    ${can.reopen && html`<button type="button" class="btn" disabled=${busy} onClick=${() => run('reopen')}><${Icon} name="replay" />${t('alert.reopen')}</button>`}
    <span class="grow"></span>${can.note && html`<button type="button" class="btn" onClick=${() => setDialog('note')}><${Icon} name="note" />${t('alert.note')}</button>`}
    ${dialog === 'resolve' && html`<${WordsDialog} title=${t('alert.resolve.title', names)} asksReason submit=${t('alert.resolve.ok')} onSend=${(words) => run('resolve', words)} onClose=${() => setDialog(null)} />`}
    ${dialog === 'note' && html`<${WordsDialog} title=${t('alert.note.title', names)} submit=${t('common.save')} onSend=${(words) => run('note', words)} onClose=${() => setDialog(null)} />`}</footer>`;
}
