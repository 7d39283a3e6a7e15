// The differences of a day as a work list: by state and kind, several chosen and resolved together.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { narrow } from '../../media.js';
import { setParam } from '../../router.js';
import { differenceWord } from '../../sentences/bills.js';
import { busy, error, hasMore, kind, list, loadDay, loadMore, parts, tab, TABS } from '../../state/bills/day.js';
import { resolving } from '../../state/bills/opened.js';
import { choice, mayPick, picked, unpick } from '../../state/bills/picked.js';
import { may } from '../../state/session.js';
import { count } from '../../values/format.js';
import { t } from '../../words/index.js';
import { Seg } from '../parts/basic.js';
import { PickAll } from '../parts/pick.js';
import { Empty, Failed, Loading } from '../parts/states.js';
import { askAgain } from './day-head.js';
import { DifferenceLine, DifferenceRow } from './difference-row.js';

const numberOf = (name) =>
  parts.value.reduce((sum, part) => sum + (name === 'all' ? part.open + part.resolved : part[name]), 0);

const KindChoice = () => html`
  <label class="filter ${kind.value ? 'on' : ''}">
    <span class="small quiet">${t('recon.kind')}</span>
    <select
      class="select"
      name="kind"
      value=${kind.value}
      onChange=${(event) => setParam('kind', event.currentTarget.value)}
    >
      <option value="">${t('common.all')}</option>
      ${parts.value.map(({ kind: name, open, resolved }) => html`
        <option key=${name} value=${name} selected=${name === kind.value}>
          ${`${differenceWord(name)} ${open + resolved}`}
        </option>
      `)}
    </select>
  </label>
`;

export const Bar = () => html`
  <div class="list-bar difference-bar">
    <${Seg}
      label=${t('recon.list.tabs')}
      options=${TABS.map((id) => ({ id, text: `${t(`recon.tab.${id}`)} ${count(numberOf(id))}` }))}
      value=${tab.value}
      onChoose=${(id) => setParam('tab', id === TABS[0] ? '' : id)}
    />
    <span class="grow"></span>
    <${KindChoice} />
  </div>
`;

const HEADS = ['kind', 'numbers', 'wechat', 'ours', 'difference', 'state'];
const NUMBERS = ['wechat', 'ours', 'difference'];

const Table = ({ pickable }) => html`
  <table class="table difference-table">
    <caption class="sr">${t('recon.list')}</caption>
    <thead>
      <tr>
        ${pickable && html`
          <th scope="col" class="pick-cell">
            <${PickAll} of=${choice} label=${t('recon.pick.all')} />
          </th>
        `}
        ${HEADS.map((name) => html`
          <th scope="col" key=${name} class=${NUMBERS.includes(name) ? 'num' : name}>${t(`recon.col.${name}`)}</th>
        `)}
      </tr>
    </thead>
    <tbody>
      ${list.value.map((each) => html`<${DifferenceRow} key=${each.id} difference=${each} pickable=${pickable} />`)}
    </tbody>
  </table>
`;

const Lines = ({ pickable }) => html`
  <ul class="difference-lines" aria-label=${t('recon.list')}>
    ${list.value.map((each) => html`<${DifferenceLine} key=${each.id} difference=${each} pickable=${pickable} />`)}
  </ul>
`;

function Body() {
  if (!list.value && error.value) {
    return html`<${Failed} panel=${t('recon.list')} error=${error.value} onRetry=${loadDay} />`;
  }
  if (!list.value) return html`<${Loading} rows=${4} />`;
  if (!list.value.length) {
    const calm = tab.value === 'open' && !numberOf('open');
    const key = calm ? 'recon.empty.open' : 'recon.empty.filter';
    return html`
      <${Empty} icon=${calm ? 'paid' : 'filter'} tone=${calm ? 'ok' : 'quiet'} title=${t(key)} why=${t(`${key}.why`)} />
    `;
  }
  const pickable = list.value.some(mayPick);
  return narrow.value ? html`<${Lines} pickable=${pickable} />` : html`<${Table} pickable=${pickable} />`;
}

const Hint = ({ keys, words }) => html`
  <span class="key-hint">
    ${keys.map((key) => html`<kbd key=${key}>${key}</kbd>`)} ${t(words)}
  </span>
`;

const Foot = () => html`
  <footer class="list-foot small">
    <span>${t(hasMore.value ? 'recon.foot.more' : 'recon.foot', { n: list.value.length })}</span>
    ${hasMore.value && html`
      <button type="button" class="btn small" disabled=${busy.value} onClick=${loadMore}>${t('common.more')}</button>
    `}
    ${error.value && html`<span class="bad" role="alert">${t('error.title', { panel: t('recon.list') })}</span>`}
    <span class="grow"></span>
    <span class="key-hints" aria-hidden="true">
      <${Hint} keys=${['J', 'K']} words="alerts.key.move" />
      <${Hint} keys=${['Enter']} words="alerts.key.open" />
      ${may('resolve') && html`
        <${Hint} keys=${['X']} words="alerts.key.pick" />
        <${Hint} keys=${['E']} words="alerts.key.resolve" />
      `}
    </span>
  </footer>
`;

const Bulk = () => html`
  <footer class="list-foot bulk-bar" role="region" aria-label=${t('recon.bulk')}>
    <b role="status">${t('recon.bulk.n', { n: picked.value.length })}</b>
    <button type="button" class="btn small" onClick=${() => (resolving.value = picked.value)}>
      <${Icon} name="check" size=${14} />
      ${t('recon.resolve')} <kbd aria-hidden="true">E</kbd>
    </button>
    <button type="button" class="btn small" onClick=${askAgain}>
      <${Icon} name="replay" size=${14} />
      ${t('recon.fetch')}
    </button>
    <span class="grow"></span>
    <button type="button" class="btn ghost small" onClick=${unpick}>
      ${t('recon.bulk.none')} <kbd aria-hidden="true">Esc</kbd>
    </button>
  </footer>
`;

export function DifferenceList() {
  return html`
    <section class="card list-card difference-card" aria-label=${t('recon.list')} aria-busy=${String(busy.value)}>
      <${Body} />
      ${picked.value.length
        ? html`<${Bulk} />`
        : list.value?.length > 0 && html`<${Foot} />`}
    </section>
  `;
}
