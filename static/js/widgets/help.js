// The list of keys, and the switch that turns single keys off (WCAG 2.1.4).
import { signal } from '@preact/signals';
import { html } from '../html.js';
import { chooseKeys, singleKeys } from '../state/prefs.js';
import { may } from '../state/session.js';
import { t } from '../words/index.js';
import { Dialog } from './dialog.js';

const shown = signal(false);
export const openHelp = () => { shown.value = true; };
const close = () => { shown.value = false; };

const KEYS = [
  [['/'], 'search'], [['G', 'then', 'M', 'A', 'O', 'R'], 'go'], [['J', 'K'], 'move'], [['Enter'], 'open'], [['Esc'], 'close'],
  [['P'], 'pause'], [['N'], 'new'], [['A'], 'claim', 'acknowledge'], [['E'], 'resolve', 'resolve'], [['R'], 'refund', 'requestRefund'], [['C'], 'copyNum'], [['S'], 'copySay'], [['?'], 'help'],
];
const usable = () => KEYS.filter(([, , action]) => !action || may(action));
const Key = ({ name }) => (name === 'then' ? html`<span class="small quiet">${t('keys.then')}</span>` : html`<kbd>${name}</kbd>`);

export function Help() {
  if (!shown.value) return null;
  return html`<${Dialog} title=${t('keys.title')} onClose=${close}>
    <dl class="keys">${usable().map(([keys, what]) => html`<div key=${what}><dt>${keys.map((name) => html`<${Key} key=${name} name=${name} />`)}</dt><dd>${t(`keys.${what}`)}</dd></div>`)}</dl>
    <label class="check"><input type="checkbox" checked=${singleKeys.value} onChange=${(event) => chooseKeys(event.currentTarget.checked)} />${t('keys.on')}</label>
    <div class="dialog-foot"><button type="button" class="btn primary" data-first onClick=${close}>${t('common.close')}</button></div><//>`;
}
