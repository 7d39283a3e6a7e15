import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { useKeys } from '../widgets/parts/keyboard.js';
import { phone } from '../media.js';
import { go, setParam } from '../router.js';
import { merchants } from '../state/orders/merchants.js';
import { exportOrders, receiving } from '../state/orders/download.js';
import {
  again,
  asked,
  busy,
  chooseRows,
  comeBack,
  created,
  current,
  error,
  filters,
  isFiltered,
  nextPage,
  page,
  previousPage,
  remember,
  search,
  SIZES,
} from '../state/orders/search.js';
import { orderRows } from '../state/prefs.js';
import { may } from '../state/session.js';
import { say } from '../state/toasts.js';
import { t } from '../words/index.js';
import { OrderFilters } from '../widgets/orders/filters.js';
import { SearchBox } from '../widgets/orders/search.js';
import { ColumnSettings, OrderCards, OrderTable } from '../widgets/orders/table.js';
import { Shell } from '../widgets/shell/shell.js';
import { Empty, Failed, Loading } from '../widgets/parts/states.js';

function ExportButton() {
  if (!may('export')) return null;
  const bytes = receiving.value;
  const words =
    bytes === null
      ? t('orders.export')
      : t(bytes ? 'orders.export.some' : 'orders.export.wait', { kb: Math.ceil(bytes / 1024) });
  return html`
    <button type="button" class="btn" disabled=${bytes !== null} onClick=${exportOrders}>
      <${Icon} name="download" size=${14} />
      ${words}
    </button>
  `;
}

const earlier = () => html`
  <button type="button" class="btn primary" disabled=${busy.value} onClick=${nextPage}>${t('orders.earlier')}</button>
`;

function Nothing({ found }) {
  const more = found.next;
  const why = more ? 'orders.none.yet' : found.read?.from ? 'orders.none.time' : 'orders.none.why';
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

function Body() {
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

function Foot({ turn }) {
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

function walkRows(box, by) {
  const links = [...box.querySelectorAll('.order-link')];
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}

// The list scrolls in its box where there is room for one, else the page does.
function scrollTo(box, top) {
  box.scrollTop = top;
  window.scrollTo(0, top);
}

// The place in the list is kept with the entry of the history, and found again from there.
function usePlace(box) {
  useEffect(() => {
    comeBack().then((top) => {
      if (top !== null) requestAnimationFrame(() => box.current && scrollTo(box.current, top));
      else search().then((found) => found && asked.value && say(t('orders.found', { n: found.orders.length })));
    });
  }, [filters.value]);
  useEffect(() => {
    let timer = null;
    const scrolled = () => {
      clearTimeout(timer);
      timer = setTimeout(() => remember({ scroll: Math.max(box.current.scrollTop, scrollY) }), 100);
    };
    const list = box.current;
    list.addEventListener('scroll', scrolled, { passive: true });
    addEventListener('scroll', scrolled, { passive: true });
    return () => {
      clearTimeout(timer);
      list.removeEventListener('scroll', scrolled);
      removeEventListener('scroll', scrolled);
    };
  }, []);
}

export function Orders() {
  const box = useRef(null);
  usePlace(box);
  useEffect(() => {
    if (!merchants.data.value) merchants.refresh();
  }, []);
  useKeys({ j: () => walkRows(box.current, 1), k: () => walkRows(box.current, -1) });
  const openRow = (event) => {
    const row = event.target.closest('.order-row');
    if (row && !event.target.closest('a') && !String(getSelection())) {
      go(row.querySelector('.order-link').getAttribute('href'));
    }
  };
  const turn = (load) => load().then((found) => found && scrollTo(box.current, 0));
  return html`
    <${Shell} title=${t('nav.orders')} kind="orders" fixed>
      <${SearchBox} />
      <${OrderFilters}>
        <${ColumnSettings} />
        <${ExportButton} />
      <//>
      <section
        class=${`card list-card ${current.value ? '' : 'stale'}`}
        aria-label=${t('orders.results')}
        aria-busy=${String(busy.value)}
      >
        <div
          class="list-scroll"
          tabindex="0"
          role="group"
          aria-label=${t('orders.results')}
          ref=${box}
          onClick=${openRow}
        >
          <${Body} />
        </div>
        <${Foot} turn=${turn} />
      </section>
    <//>
  `;
}
