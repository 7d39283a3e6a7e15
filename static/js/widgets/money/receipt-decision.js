// Deciding about a receipt: the proposed action first, a note always, a second admin above the limit.
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { faultWords } from '../../sentences/faults.js';
import { money, moneyIn } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { useDraft } from '../parts/draft.js';
import { staffWord } from '../../sentences/people.js';
import { decideReceipt, leftOf, limitFen, needsSecond } from '../../state/money/receipts.js';
import { may, user } from '../../state/session.js';
import { toast } from '../../state/toasts.js';
import { has, t, word } from '../../words/index.js';

const whyOf = ({ reason, currency, ...receipt }, action) =>
  t(has(`ract.why.${action}.${reason}`) ? `ract.why.${action}.${reason}` : `ract.why.${action}`, {
    amount: moneyIn(leftOf(receipt), currency),
  });

// Someone faster: takes their state, and says so.
function useDecision(receipt, onChanged) {
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(null);
  const send = async (action, note, sent) => {
    if (running.current) return undefined;
    running.current = true;
    [setBusy(true), setFault(null)];
    try {
      const answer = await decideReceipt(receipt, action, note);
      if (answer) {
        sent();
        toast('ok', t(`rec.done.${answer.receipt.state}`));
        onChanged(answer.receipt);
      }
    } catch (error) {
      if (error.code !== 'conflict') return setFault(faultWords(error));
      toast('warn', t('rec.faster')); // this form goes with its version, and its note is kept
      onChanged(null);
    } finally {
      running.current = false;
      setBusy(false);
    }
    return undefined;
  };
  return { busy, fault, setFault, send };
}

const Choice = ({ receipt, action, chosen, onChoose }) => html`
  <label class="choice ${chosen ? 'chosen' : ''}">
    <input type="radio" name="action" value=${action} checked=${chosen} onChange=${() => onChoose(action)} />
    <span class="grow">
      <b>${t(`ract.${action}`)}</b>
      ${action === receipt.proposal && html` <span class="tag tone-accent">${t('ract.proposed')}</span>`}
      <br />
      <span class="small quiet">${whyOf(receipt, action)}</span>
    </span>
  </label>
`;

const Note = ({ value, onInput, fault, busy }) => html`
  <div class="field">
    <label for="receipt-note">${t('rec.note.label')}</label>
    <textarea
      id="receipt-note"
      rows="3"
      maxlength="500"
      placeholder=${t('rec.note.place')}
      value=${value}
      disabled=${busy}
      aria-invalid=${fault ? 'true' : undefined}
      aria-describedby=${fault ? 'receipt-fault' : undefined}
      onInput=${(event) => onInput(event.currentTarget.value)}
    ></textarea>
  </div>
  ${fault && html`<p class="bad small" role="alert" id="receipt-fault">${fault}</p>`}
`;

export const draftName = ({ id }) => `receipt ${id}`;

const tone = (action) => (action === 'refund' ? 'danger' : 'primary');

function First({ receipt, decision }) {
  const choices = receipt.possible; // the usual one first
  const [action, setAction] = useState(choices[0]);
  const [note, setNote, sent] = useDraft(draftName(receipt));
  const { busy, fault, setFault } = decision;
  const send = (deed, words) => decision.send(deed, words, sent);
  const submit = (event) => {
    event.preventDefault();
    if (!note.trim()) return setFault(t('rec.note.need'));
    return send(action, note.trim());
  };
  return html`
    <form onSubmit=${submit} novalidate>
      <fieldset class="field plain choices">
        <legend class="sr">${t('rec.decide')}</legend>
        ${choices.map((name) => html`
          <${Choice} key=${name} receipt=${receipt} action=${name} chosen=${name === action} onChoose=${setAction} />
        `)}
      </fieldset>
      <${Note} value=${note} onInput=${setNote} fault=${fault} busy=${busy} />
      ${needsSecond(receipt) && html`
        <p class="note-box warn">
          <${Icon} name="high" tone="warn" />
          <span>${t('rec.propose', { limit: money(limitFen.value) })}</span>
        </p>
      `}
      <div class="dialog-foot">
        <button type="submit" class="btn ${tone(action)}" aria-disabled=${busy ? 'true' : undefined}>
          ${t(`rec.submit.${action}`, { amt: moneyIn(leftOf(receipt), receipt.currency) })}
        </button>
      </div>
    </form>
  `;
}

function Second({ receipt, decision }) {
  const [note, setNote, sent] = useDraft(draftName(receipt));
  const { busy, fault, setFault } = decision;
  const send = (deed, words) => decision.send(deed, words, sent);
  const own = receipt.proposedBy === user.value?.name;
  const words = { by: staffWord(receipt.proposedBy ?? ''), action: word('ract', receipt.action) };
  const run = (action) => (note.trim() ? send(action, note.trim()) : setFault(t('rec.note.need')));
  const confirm = (event) => {
    event.preventDefault();
    run(receipt.action);
  };
  return html`
    <form onSubmit=${confirm} novalidate>
      <p class="note-box warn">
        <${Icon} name="half" tone="warn" />
        <span class="user">${t('rec.second', words)}</span>
      </p>
      ${own && html`<p class="small" id="own-proposal">${t('rec.second.own')}</p>`}
      <${Note} value=${note} onInput=${setNote} fault=${fault} busy=${busy} />
      <div class="dialog-foot">
        <button type="button" class="btn" disabled=${busy} onClick=${() => run('decline')}>
          ${t('rec.second.no')}
        </button>
        <button
          type="submit"
          class="btn ${tone(receipt.action)}"
          disabled=${own}
          aria-disabled=${busy ? 'true' : undefined}
          aria-describedby=${own ? 'own-proposal' : undefined}
        >
          ${t('rec.second.ok', { action: words.action, amt: moneyIn(leftOf(receipt), receipt.currency) })}
        </button>
      </div>
    </form>
  `;
}

export function Decision({ receipt, onChanged }) {
  const decision = useDecision(receipt, onChanged);
  if (!may('decideReceipt')) return html`<p class="small quiet">${t('rec.readonly')}</p>`;
  if (receipt.state === 'waiting' && !receipt.possible.length) {
    return html`
      <p class="note-box">${t('rec.returning', { amount: moneyIn(receipt.returningFen, receipt.currency) })}</p>
    `;
  }
  return receipt.state === 'proposed'
    ? html`<${Second} receipt=${receipt} decision=${decision} />`
    : html`<${First} receipt=${receipt} decision=${decision} />`;
}
