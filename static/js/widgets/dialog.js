// The browser's own modal dialog: it traps focus, greys the page and hears Esc.
import { useEffect, useId, useRef } from 'preact/hooks';
import { html } from '../html.js';

// `touched`: something was typed, so Esc and a click beside it must not throw it away.
export function Dialog({ title, onClose, touched = false, children, kind = '' }) {
  const box = useRef(null);
  const titleId = useId();
  useEffect(() => {
    const opener = document.activeElement;
    const dialog = box.current;
    dialog.showModal();
    dialog.querySelector('[data-first]')?.focus();
    return () => {
      dialog.close();
      if (opener?.isConnected) opener.focus();
    };
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    if (!touched) onClose?.();
  };
  const beside = (event) => event.target === box.current && !touched && onClose?.();
  return html`<dialog ref=${box} class="dialog ${kind}" aria-labelledby=${titleId} onCancel=${cancel} onClick=${beside}>
    <div class="dialog-body"><h2 class="dialog-title user" id=${titleId}>${title}</h2>${children}</div></dialog>`;
}
