// Under the list: how many there are and which keys work; or, with some chosen, what to do with them.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { useKeys } from '../parts/keyboard.js';
import { hasMore, isPaged, listed, loadPage, pagedBusy, showMore, total } from '../../state/alerts/list.js';
import { actOnPicked, bulkBusy, bulkDialog, picked, unpick } from '../../state/alerts/picked.js';
import { may } from '../../state/session.js';
import { t } from '../../words/index.js';
import { AssignDialog } from './assign.js';
import { WordsDialog } from '../parts/words-dialog.js';

const Hint = ({ keys, words }) => html`
  <span class="key-hint">
    ${keys.map((key) => html`<kbd key=${key}>${key}</kbd>`)} ${t(words)}
  </span>
`;

function Hints({ open }) {
  return html`
    <span class="key-hints" aria-hidden="true">
      <${Hint} keys=${['J', 'K']} words="alerts.key.move" />
      <${Hint} keys=${['Enter']} words="alerts.key.open" />
      ${!open && may('acknowledge') && html`<${Hint} keys=${['X']} words="alerts.key.pick" />`}
      ${may('acknowledge') && html`<${Hint} keys=${['A']} words="alerts.key.claim" />`}
      ${may('resolve') && html`<${Hint} keys=${['E']} words="alerts.key.resolve" />`}
    </span>
  `;
}

export function ListFoot({ open }) {
  const more = hasMore.value;
  const words =
    more && isPaged.value ? t('alerts.foot.more', { n: listed.value.length }) : t('alerts.foot', { n: total.value });
  const load = () => (isPaged.value ? loadPage({ more: true }) : showMore());
  return html`
    <footer class="list-foot small">
      <span class="clip" title=${words}>${words}</span>
      ${more && html`
        <button type="button" class="btn small" disabled=${pagedBusy.value} onClick=${load}>${t('common.more')}</button>
      `}
      <span class="grow"></span>
      <${Hints} open=${open} />
    </footer>
  `;
}

export function BulkBar() {
  const n = picked.value.length;
  const claim = () => actOnPicked('acknowledge');
  useKeys({ a: claim, e: () => (may('resolve') ? void (bulkDialog.value = 'resolve') : false) });
  const close = () => {
    bulkDialog.value = null;
  };
  const button = (action, icon, words, run, key) =>
    may(action) &&
    html`
      <button type="button" class="btn small" disabled=${bulkBusy.value} onClick=${run}>
        <${Icon} name=${icon} size=${14} />
        ${t(words)}
        ${key && html` <kbd aria-hidden="true">${key}</kbd>`}
      </button>
    `;
  return html`
    <footer class="list-foot bulk-bar" role="region" aria-label=${t('bulk.bar')}>
      <b role="status">${t('bulk.n', { n })}</b>
      ${button('acknowledge', 'half', 'alerts.claim', claim, 'A')}
      ${button('assign', 'user', 'alert.assign', () => {
        bulkDialog.value = 'assign';
      })}
      ${button(
        'resolve',
        'check',
        'alert.resolve',
        () => {
          bulkDialog.value = 'resolve';
        },
        'E',
      )}
      <span class="grow"></span>
      <button type="button" class="btn ghost small" onClick=${unpick}>
        ${t('bulk.none')} <kbd aria-hidden="true">Esc</kbd>
      </button>
      ${bulkDialog.value === 'resolve' && html`
        <${WordsDialog}
          about="alerts"
          title=${t('bulk.resolve.title', { n })}
          asksReason
          submit=${t('bulk.resolve.ok', { n })}
          onSend=${(words) => actOnPicked('resolve', words)}
          onClose=${close}
        />
      `}
      ${bulkDialog.value === 'assign' && html`
        <${AssignDialog}
          title=${t('bulk.assign.title', { n })}
          onSend=${(words) => actOnPicked('assign', words)}
          onClose=${close}
        />
      `}
    </footer>
  `;
}
