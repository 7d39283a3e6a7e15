// The filters of the order search: small panels in a row, or all of them in a sheet on a phone.
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { useKeys } from '../parts/keyboard.js';
import { phone } from '../../media.js';
import { setParam } from '../../router.js';
import { withAlerts } from '../../state/orders/filters.js';
import { t } from '../../words/index.js';
import { Dialog } from '../parts/dialog.js';
import { Dropdown } from '../parts/dropdown.js';
import { shownFilters } from './filter-fields.js';

const AlertsChip = () => html`
  <button
    type="button"
    class="chip"
    aria-pressed=${String(Boolean(withAlerts.value))}
    onClick=${() => setParam('alerts', withAlerts.value ? '' : '1')}
  >
    <${Icon} name="high" size=${13} />
    ${t('orders.alerts')}
  </button>
`;

function Sheet({ onClose }) {
  return html`
    <${Dialog} title=${t('orders.filters')} onClose=${onClose} kind="bottom-sheet">
      ${shownFilters().map(([name, , Fields]) => html`
        <fieldset key=${name}>
          <legend>${t(`orders.${name}`)}</legend>
          <${Fields} />
        </fieldset>
      `)}
      <div class="dialog-foot">
        <${AlertsChip} />
        <span class="grow"></span>
        <button type="button" class="btn primary" onClick=${onClose}>${t('orders.show')}</button>
      </div>
    <//>
  `;
}

const chosenFirst = () => {
  const all = shownFilters();
  return [...all.filter(([, words]) => words()), ...all.filter(([, words]) => !words())];
};

function PhoneBar() {
  const [open, setOpen] = useState(false);
  const show = () => setOpen(true);
  return html`
    <div class="list-bar phone-filters">
      <div class="phone-chips">
        ${chosenFirst().slice(0, 3).map(([name, words]) => html`
          <button
            type="button"
            key=${name}
            class="chip"
            aria-pressed=${String(Boolean(words()))}
            aria-haspopup="dialog"
            aria-label=${`${t(`orders.${name}`)} ${words()}`}
            onClick=${show}
          >
            ${words() || t(`orders.${name}`)} ${!words() && html`<${Icon} name="down" size=${13} />`}
          </button>
        `)}
      </div>
      <button
        type="button"
        class="btn ghost icon"
        aria-label=${t('orders.filters')}
        aria-haspopup="dialog"
        onClick=${show}
      >
        <${Icon} name="filter" />
      </button>
      ${open && html`<${Sheet} onClose=${() => setOpen(false)} />`}
    </div>
  `;
}

export function OrderFilters({ children }) {
  const box = useRef(null);
  useKeys({ f: () => box.current?.querySelector('button').focus() });
  if (phone.value) return html`<${PhoneBar} />`;
  return html`
    <div class="list-bar order-filters" ref=${box}>
      ${shownFilters().map(([name, words, Fields, icon]) => html`
        <${Dropdown} key=${name} label=${t(`orders.${name}`)} value=${words()} icon=${icon}>
          ${() => html`<${Fields} />`}
        <//>
      `)}
      <${AlertsChip} />
      <span class="grow"></span>
      ${children}
    </div>
  `;
}
