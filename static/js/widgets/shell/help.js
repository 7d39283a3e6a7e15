// The list of keys, and the switch that turns single keys off (WCAG 2.1.4).
import { signal } from '@preact/signals';
import { html } from '../../html.js';
import { chooseKeys, singleKeys } from '../../state/prefs.js';
import { may } from '../../state/session.js';
import { t } from '../../words/index.js';
import { Dialog } from '../parts/dialog.js';
import { places } from './nav.js';

const shown = signal(false);
export const openHelp = () => {
  shown.value = true;
};
const close = () => {
  shown.value = false;
};

const jumps = () => places().filter(({ key }) => key);

// [keys, what they do, who may]
const keys = () => [
  [['/'], 'search'],
  [['Ctrl', 'K'], 'palette'],
  [['G', 'then', ...jumps().map(({ key }) => key.toUpperCase())], 'go'],
  [['G', 'then', 'I'], 'inbox'],
  [['J', 'K'], 'move'],
  [['Enter'], 'open'],
  [['Esc'], 'close'],
  [['P'], 'pause'],
  [['N'], 'new'],
  [['F'], 'filters'],
  [['A'], 'claim', 'acknowledge'],
  [['E'], 'resolve', 'resolve'],
  [['X'], 'pick', 'acknowledge'],
  [['Shift', 'J', 'K'], 'extend', 'acknowledge'],
  [['Z'], 'undo', 'resolve'],
  [['R'], 'refund', 'requestRefund'],
  [['[', ']'], 'past'],
  [['C'], 'copyNum'],
  [['S'], 'copySay'],
  [['?'], 'help'],
];
const usable = () => keys().filter(([, , action]) => !action || may(action));
const wordsOf = (what) =>
  what === 'go'
    ? jumps()
        .map(({ name }) => t(`nav.${name}`))
        .join(' / ')
    : t(`keys.${what}`);
const Key = ({ name }) =>
  name === 'then' ? html`<span class="small quiet">${t('keys.then')}</span>` : html`<kbd>${name}</kbd>`;

export function Help() {
  if (!shown.value) return null;
  return html`
    <${Dialog} title=${t('keys.title')} onClose=${close}>
      <dl class="keys">
        ${usable().map(([keys, what]) => html`
          <div key=${what}>
            <dt>
              ${keys.map((name) => html`<${Key} key=${name} name=${name} />`)}
            </dt>
            <dd>${wordsOf(what)}</dd>
          </div>
        `)}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked=${singleKeys.value}
          onChange=${(event) => chooseKeys(event.currentTarget.checked)}
        />
        ${t('keys.on')}
      </label>
      <div class="dialog-foot">
        <button type="button" class="btn primary" data-first onClick=${close}>${t('common.close')}</button>
      </div>
    <//>
  `;
}
