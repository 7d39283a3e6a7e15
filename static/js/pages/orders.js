import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { useKeys } from '../widgets/parts/keyboard.js';
import { go } from '../router.js';
import { merchants } from '../state/orders/merchants.js';
import { exportOrders, receiving } from '../state/orders/download.js';
import { asked, filters } from '../state/orders/filters.js';
import { busy, comeBack, current, remember, search } from '../state/orders/search.js';
import { may } from '../state/session.js';
import { say } from '../state/toasts.js';
import { t } from '../words/index.js';
import { OrderFilters } from '../widgets/orders/filters.js';
import { SearchBox } from '../widgets/orders/search.js';
import { ColumnSettings } from '../widgets/orders/table.js';
import { Shell } from '../widgets/shell/shell.js';
import { Results, ResultsFoot } from '../widgets/orders/results.js';

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
  useLayoutEffect(() => {
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
          <${Results} />
        </div>
        <${ResultsFoot} turn=${turn} />
      </section>
    <//>
  `;
}
