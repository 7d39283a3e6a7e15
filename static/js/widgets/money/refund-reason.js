// The reason of a refund: what was chosen in the reader's language, what somebody wrote as it was written.
import { html } from '../../html.js';
import { readReason } from '../../values/refund-reason.js';
import { t } from '../../words/index.js';
import { User } from '../parts/basic.js';

export function RefundReason({ text }) {
  const { code, note } = readReason(text);
  if (code === null) return html`<${User} text=${note} />`;
  if (!note) return html`<span>${t(`refund.reason.${code}`)}</span>`;
  return html`
    <span>
      ${t('refund.joined', { reason: t(`refund.reason.${code}`), note: '' })}
      <${User} text=${note} />
    </span>
  `;
}
