// A button that names a choice and opens a small panel for it, right below. `value` is what is chosen, '' for nothing.
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';

// `children` draws the panel; it is given what closes it.
export function Dropdown({ label, value, icon, end = false, kind = '', children }) {
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  const close = () => {
    setOpen(false);
    box.current.querySelector('button').focus();
  };
  const key = (event) => {
    if (event.key !== 'Escape' || !open) return;
    event.stopPropagation();
    close();
  };
  const leave = (event) => {
    if (!box.current.contains(event.relatedTarget)) setOpen(false);
  };
  return html`
    <div class="drop" ref=${box} onFocusOut=${leave} onKeyDown=${key}>
      <button type="button" class="btn ${kind}" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>
        ${icon && html`<${Icon} name=${icon} size=${14} tone="ink" />`}
        <span class=${value ? 'drop-label' : ''}>${label}</span>
        ${value && html`<b class="clip">${value}</b>`}
        ${value !== undefined && html`<${Icon} name="down" size=${14} />`}
      </button>
      ${open && html`
        <div class="drop-panel ${end ? 'end' : ''}" role="group" aria-label=${label} tabindex="-1">
          ${children(close)}
        </div>
      `}
    </div>
  `;
}

export const Checks = ({ options, chosen, onChange }) => html`
  ${options.map(([id, words]) => html`
    <label class="check" key=${id}>
      <input
        type="checkbox"
        checked=${chosen.includes(id)}
        onChange=${(event) => onChange(id, event.currentTarget.checked)}
      />
      ${words}
    </label>
  `)}
`;
