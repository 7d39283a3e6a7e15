// The browser's own modal dialog: it traps focus and greys the page.
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { t } from '../../words/index.js';

// Something was typed: leaving would lose it, so it is asked for.
function Leaving({ onStay, onGo }) {
  const stay = useRef(null);
  useEffect(() => stay.current.focus(), []);
  return html`
    <div class="dialog-leaving" role="alert">
      <span class="grow">${t('leave.ask')}</span>
      <button type="button" class="btn" ref=${stay} onClick=${onStay}>${t('leave.stay')}</button>
      <button type="button" class="btn" onClick=${onGo}>${t('leave.go')}</button>
    </div>
  `;
}

// `touched`: something was typed, so Esc, a click beside it and Cancel must not throw it away.
// `cross`: a way out beside the title as well. `children` is a function where they want the same careful way out.
export function Dialog({ title, sub, onClose, touched = false, cross = false, children, kind = '' }) {
  const box = useRef(null);
  const [leaving, setLeaving] = useState(false);
  const titleId = useId();
  // Before the next key: what is typed right after the opening must not be lost.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const dialog = box.current;
    dialog.showModal();
    dialog.querySelector('[data-first]')?.focus();
    return () => {
      dialog.close();
      if (opener?.isConnected) opener.focus();
    };
  }, []);
  const leave = () => (touched ? setLeaving(true) : onClose?.());
  const stay = () => {
    setLeaving(false);
    box.current.querySelector('[data-first]')?.focus();
  };
  // The key itself, because a second Esc in a row would close the dialog without asking us.
  const key = (event) => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (leaving) stay();
    else leave();
  };
  const cancel = (event) => {
    event.preventDefault();
    leave();
  };
  const beside = (event) => event.target === box.current && leave();
  return html`
    <dialog
      ref=${box}
      class="dialog ${kind}"
      aria-labelledby=${titleId}
      onKeyDown=${key}
      onCancel=${cancel}
      onClick=${beside}
    >
      <div class="dialog-body">
        <header>
          <h2 class="dialog-title user" id=${titleId}>${title}</h2>
          ${sub && html`<p class="dialog-sub small">${sub}</p>`}
          ${cross && html`
            <button
              type="button"
              class="btn ghost icon dialog-cross"
              aria-label=${t('common.close')}
              disabled=${!onClose}
              onClick=${leave}
            >
              <${Icon} name="x" />
            </button>
          `}
        </header>
        ${typeof children === 'function' ? children(leave) : children}
      </div>
      ${leaving && html`<${Leaving} onStay=${stay} onGo=${onClose} />`}
    </dialog>
  `;
}
