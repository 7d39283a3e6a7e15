import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { dismiss, politeWords, toasts, undoLast, urgentWords } from '../../state/toasts.js';
import { useKeys } from '../parts/keyboard.js';
import { t } from '../../words/index.js';

const GLYPH = { ok: 'paid', crit: 'failed', warn: 'high' };

function Toast({ toast }) {
  const undo = () => {
    dismiss(toast.id);
    toast.undo();
  };
  return html`
    <li class="toast ${toast.tone}">
      <${Icon} name=${GLYPH[toast.tone]} tone=${toast.tone} />
      <span class="grow user">${toast.text}</span>
      ${toast.undo && html`
        <button type="button" class="btn small" onClick=${undo}>
          ${t('common.undo')} <kbd>Z</kbd>
        </button>
      `}
      <button type="button" class="btn ghost small" aria-label=${t('common.close')} onClick=${() => dismiss(toast.id)}>
        <${Icon} name="x" size=${14} />
      </button>
    </li>
  `;
}

export function Toasts() {
  useKeys({ z: undoLast });
  return html`
    <div role="status">
      <ul class="toasts">
        ${toasts.value.map((toast) => html`<${Toast} key=${toast.id} toast=${toast} />`)}
      </ul>
    </div>
    <div class="sr" role="status" aria-live="polite">${politeWords}</div>
    <div class="sr" role="alert" aria-live="assertive">${urgentWords}</div>
  `;
}
