// The results of the order search: a table, cards on a phone, or why there is nothing; below it the way
// through its pages.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { phone } from '../../media.js';
import { go, setParam } from '../../router.js';
import { asked, created, isFiltered } from '../../state/orders/filters.js';
import {
  again,
  busy,
  chooseRows,
  current,
  error,
  nextPage,
  page,
  previousPage,
  SIZES,
} from '../../state/orders/search.js';
import { orderRows } from '../../state/prefs.js';
import { t } from '../../words/index.js';
import { OrderCards, OrderTable } from './table.js';
import { Empty, Failed, Loading } from '../parts/states.js';

const earlier = () => html`
  <button type="button" class="btn primary" disabled=${busy.value} onClick=${nextPage}>${t('orders.earlier')}</button>
`;

function Nothing({ found }) {
  const more = found.next;
  const told = found.read?.whyNot && found.read.whyNot !== 'nothing' && `orders.none.${found.read.whyNot}`;
  const why = told || (more ? 'orders.none.yet' : found.read?.from ? 'orders.none.time' : 'orders.none.why');
  if (!asked.value && !isFiltered.value && !more && created.value === 'all') {
    return html`<${Empty} icon="search" title=${t('orders.empty')} why=${t('orders.empty.why')} />`;
  }
  const title = asked.value ? t('orders.none', { q: asked.value }) : t('orders.none.here');
  return html`
    <${Empty} icon="search" title=${title} why=${t(why)}>
      ${more && earlier()}
      ${!more && created.value !== 'all' && html`
        <button type="button" class="btn primary" onClick=${() => setParam('created', 'all')}>
          ${t('orders.none.all')}
        </button>
      `}
      ${(asked.value || isFiltered.value) && html`
        <button type="button" class="btn" onClick=${() => go('/orders')}>${t('orders.none.do')}</button>
      `}
    <//>
  `;
}

export function Results() {
  if (!current.value && error.value) {
    return html`<${Failed} panel=${t('error.orders')} error=${error.value} onRetry=${again} />`;
  }
  const found = current.value ?? page.value; // what was there stays, quietly, until the answer is here
  if (!found) return html`<${Loading} rows=${10} />`;
  if (!found.orders.length) return html`<${Nothing} found=${found} />`;
  if (phone.value) return html`<${OrderCards} orders=${found.orders} />`;
  return html`<${OrderTable} orders=${found.orders} nearest=${found.read?.near && found.read.amountFen.length > 0} />`;
}

const Sizes = () => html`
  <label class="filter rows-choice">
    <span>${t('orders.rows')}</span>
    <select
      class="select"
      value=${orderRows.value}
      onChange=${(event) => chooseRows(Number(event.currentTarget.value))}
    >
      ${SIZES.map((n) => html`<option key=${n} value=${n}>${n}</option>`)}
    </select>
  </label>
`;

export function ResultsFoot({ turn }) {
  const found = current.value ?? page.value;
  if (!found || (!current.value && error.value) || (!found.orders.length && !found.number)) return null;
  const range = { a: found.first + 1, b: found.first + found.orders.length };
  const short = found.next && found.orders.length < orderRows.value;
  const words = !found.orders.length
    ? ''
    : t(short ? 'orders.range.short' : found.next ? 'orders.range' : 'orders.range.end', range);
  return html`
    <footer class="list-foot small">
      <span class="range">
        ${words}
        <span class="took"> · ${t('orders.took', { ms: found.ms })}</span>
      </span>
      <span class="grow"></span>
      <${Sizes} />
      <button
        type="button"
        class="btn small"
        disabled=${found.number === 0 || busy.value}
        onClick=${() => turn(previousPage)}
      >
        <${Icon} name="left" size=${14} />
        ${t('common.prev')}
      </button>
      <button type="button" class="btn small" disabled=${!found.next || busy.value} onClick=${() => turn(nextPage)}>
        ${t('common.next')}
        <${Icon} name="right" size=${14} />
      </button>
    </footer>
  `;
}
