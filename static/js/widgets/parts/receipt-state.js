// The state of an unmatched payment, with its glyph.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { word } from '../../words/index.js';

const LOOKS = {
  waiting: ['open', 'warn'],
  proposed: ['half', 'warn'],
  refunding: ['refunding', 'vio'],
  refunded: ['refund', 'vio'],
  accepted: ['check', 'ink'],
  booked: ['paid', 'ok'],
};

export function ReceiptState({ name, tag }) {
  const [icon, tone] = LOOKS[name] ?? ['low', 'ink'];
  return tag
    ? html`
        <span class="tag tone-${tone}">
          <${Icon} name=${icon} size=${13} />
          ${word('rst', name)}
        </span>
      `
    : html`
        <span class="status">
          <${Icon} name=${icon} size=${15} tone=${tone} />
          ${name === 'waiting' ? html`<b>${word('rst', name)}</b>` : word('rst', name)}
        </span>
      `;
}
