// The fields of a refund: the amount in yuan, the reason as the customer will read it.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { money } from '../../values/format.js';
import { lang, t } from '../../words/index.js';
import { writeReason } from '../../values/refund-reason.js';
import { fenOf, yuanOf } from '../../values/yuan.js';

const REASONS = ['cancelled', 'unserved', 'twice', 'amount', 'other'];
const MOST_BYTES = 80; // WeChat's limit
const bytes = (text) => new TextEncoder().encode(text).length;

// The fault of the amount while it is typed; null when it can be refunded.
export function amountProblem(text, most) {
  if (!text.trim()) return { empty: true, words: t('refund.empty') };
  const fen = fenOf(text);
  if (fen === null) return { words: t('refund.bad') };
  if (fen === 0) return { words: t('refund.zero') };
  return fen > most ? { words: t('refund.over', { amt: money(most) }) } : null;
}

export function reasonProblem(form) {
  if (!form.reason) return t('refund.reason.need');
  if (form.reason === 'other' && !form.note.trim()) return t('refund.other.need');
  const n = bytes(writeReason(form));
  return n > MOST_BYTES ? t('refund.note.long', { n }) : null;
}

const Problem = ({ id, words }) => html`
  <p class="bad small status" id=${id} role="alert">
    <${Icon} name="failed" size=${14} />
    <span>${words}</span>
  </p>
`;

export function AmountField({ text, most, onChange, problem, busy }) {
  const wrong = problem && !problem.empty;
  return html`
    <div class="field">
      <label for="refund-amount">${t('refund.amount')}</label>
      <div class="refund-amount">
        <div class="input ${wrong ? 'wrong' : ''}">
          <span class="quiet" aria-hidden="true">¥</span>
          <input
            id="refund-amount"
            inputmode="decimal"
            autocomplete="off"
            maxlength="16"
            value=${text}
            disabled=${busy}
            data-first
            aria-invalid=${wrong ? 'true' : undefined}
            aria-describedby=${problem ? 'refund-problem' : undefined}
            onInput=${(event) => onChange(event.currentTarget.value)}
          />
        </div>
        <button type="button" class="btn" disabled=${busy} onClick=${() => onChange(yuanOf(most))}>
          ${t('refund.all')}
        </button>
      </div>
      ${wrong
        ? html`<${Problem} id="refund-problem" words=${problem.words} />`
        : problem && html`<span class="sr" id="refund-problem">${problem.words}</span>`}
    </div>
  `;
}

export function ReasonFields({ form, onChange, problem, busy }) {
  const other = form.reason === 'other';
  return html`
    <fieldset class="field plain" aria-describedby=${problem ? 'reason-problem' : undefined}>
      <legend>${t('refund.reason')}</legend>
      <div class="chips">
        ${REASONS.map((name) => html`
          <button
            type="button"
            key=${name}
            class="chip"
            disabled=${busy}
            aria-pressed=${String(form.reason === name)}
            onClick=${() => onChange({ reason: name })}
          >
            ${t(`refund.reason.${name}`)}
          </button>
        `)}
      </div>
    </fieldset>
    <div class="field">
      <label for="refund-note">
        ${t('refund.note')} <span class="small quiet plain-weight">
          ${t(other ? 'refund.note.must' : 'refund.note.sub')}
        </span>
      </label>
      <div class="input">
        <input
          id="refund-note"
          maxlength="80"
          autocomplete="off"
          placeholder=${t('refund.note.place')}
          value=${form.note}
          disabled=${busy}
          aria-describedby=${problem ? 'reason-problem' : undefined}
          onInput=${(event) => onChange({ note: event.currentTarget.value })}
        />
      </div>
      ${form.reason && !other && lang.value !== 'zh-CN' && html`
        <p class="small quiet">
          ${t('refund.read')} <bdi class="user" lang="zh-CN">${writeReason(form)}</bdi>
        </p>
      `}
      ${problem && html`<${Problem} id="reason-problem" words=${problem} />`}
    </div>
  `;
}
