import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { useKeys } from '../widgets/parts/keyboard.js';
import { narrow, overlay, roomForDrawer } from '../media.js';
import { go, route } from '../router.js';
import { followNews, isFiltered, isPaged, listed, loadPage, pagedError, tab, viewKey } from '../state/alerts/list.js';
import { act, unresolved } from '../state/alerts/unresolved.js';
import { bulkDialog, pick, picked, toggle, unpick } from '../state/alerts/picked.js';
import { onFlush } from '../state/feed/feed.js';
import { may } from '../state/session.js';
import { t } from '../words/index.js';
import { BulkBar, ListFoot } from '../widgets/alerts/bulk.js';
import { AlertDetail } from '../widgets/alerts/detail.js';
import { AlertFilters } from '../widgets/alerts/filters.js';
import { AlertLines } from '../widgets/alerts/list.js';
import { hrefOf } from '../widgets/alerts/row.js';
import { AlertTable } from '../widgets/alerts/table.js';
import { Shell } from '../widgets/shell/shell.js';
import { Empty, Failed, Loading } from '../widgets/parts/states.js';

function Body({ open, selectedId }) {
  const error = isPaged.value ? pagedError.value : unresolved.error.value;
  const list = listed.value;
  if (!list && error) {
    return html`
      <${Failed} panel=${t('error.alerts')} error=${error} onRetry=${isPaged.value ? loadPage : unresolved.now} />
    `;
  }
  if (!list) return html`<${Loading} rows=${9} />`;
  if (!list.length) {
    const calm = tab.value === 'unresolved' && !isFiltered.value;
    return html`
      <${Empty}
        icon="paid"
        tone="ok"
        title=${t(calm ? 'alerts.empty' : 'alerts.none')}
        why=${t(calm ? 'alerts.empty.why' : 'alerts.noalerts.why')}
      >
        ${isFiltered.value && html`
          <a class="btn" href=${tab.value === 'unresolved' ? '/alerts' : `/alerts?tab=${tab.value}`}>
            ${t('alerts.clear')}
          </a>
        `}
      <//>
    `;
  }
  const lines = narrow.value || (open && roomForDrawer.value);
  return lines ? html`<${AlertLines} list=${list} selectedId=${selectedId} />` : html`<${AlertTable} list=${list} />`;
}

const rowOf = (box, id) => box?.querySelector(`[data-id="${CSS.escape(id)}"] .row-link`);
const indexOf = (id) => (listed.value ?? []).findIndex((alert) => String(alert.id) === String(id));
const focused = () => listed.value?.[indexOf(document.activeElement?.closest('[data-id]')?.dataset.id ?? '')];

// With a drawer open J and K turn its pages; without one they walk the focus along the rows. With
// Shift both rows are chosen.
function walk(box, id, by, choosing) {
  const list = listed.value ?? [];
  const at = id ? indexOf(id) : list.indexOf(focused());
  const next = list[at < 0 ? 0 : Math.max(0, Math.min(list.length - 1, at + by))];
  if (!next) return;
  if (choosing && may('acknowledge')) pick(at < 0 ? [next] : [list[at], next]);
  if (id) go(hrefOf(next), { replace: true });
  else rowOf(box, next.id)?.focus();
}

function neighboursOf(id) {
  const list = listed.value ?? [];
  const at = indexOf(id);
  const href = (alert) => (alert ? hrefOf(alert) : null);
  return at < 0 ? {} : { prev: href(list[at - 1]), next: href(list[at + 1]), id: list[at].id };
}

function useList() {
  useEffect(() => {
    if (isPaged.value) loadPage();
  }, [viewKey.value]);
  useEffect(() => unpick, [viewKey.value]);
  useEffect(() => onFlush((events) => events.some(({ kind }) => kind.startsWith('alert.')) && followNews()), []);
}

// The open one stays in sight, and the keyboard on it when its row was drawn anew.
function useSelectedRow(box, id, wide) {
  const before = useRef(id);
  useEffect(() => {
    const row = id && wide ? rowOf(box.current, id) : null;
    row?.closest('[data-id]').scrollIntoView({ block: 'nearest' });
    const lost = document.activeElement === document.body || box.current?.contains(document.activeElement);
    if (row && lost && before.current !== id) row.focus({ preventScroll: true });
    before.current = id;
  }, [id, wide, Boolean(listed.value)]);
}

function useAlertKeys(box, id, close) {
  const claim = (alert) =>
    alert && may('acknowledge') && alert.status === 'open' ? void act(alert, 'acknowledge') : false;
  const choose = () => {
    const alert = id ? listed.value?.[indexOf(id)] : focused();
    return alert && may('acknowledge') ? toggle(alert) : false;
  };
  const resolve = () => {
    const alert = focused();
    if (!alert || !may('resolve')) return false;
    pick([alert]);
    bulkDialog.value = 'resolve';
    return undefined;
  };
  const step = (by) => (event) => walk(box.current, id, by, event.shiftKey);
  const arrow = (by) => (event) => (focused() ? step(by)(event) : false); // elsewhere it scrolls
  const away = () => (id ? close() : picked.value.length ? unpick() : false);
  useKeys({
    j: step(1),
    k: step(-1),
    ArrowDown: arrow(1),
    ArrowUp: arrow(-1),
    x: choose,
    a: () => claim(focused()),
    e: resolve,
    Escape: away,
  });
}

export function Alerts() {
  const { id } = route.value;
  const box = useRef(null);
  const [list, wide, over] = [listed.value, roomForDrawer.value, overlay.value];
  const near = neighboursOf(id);
  const close = () => {
    go(`/alerts${location.search}`);
    setTimeout(() => rowOf(box.current, id)?.focus(), 0);
  };
  useList();
  useSelectedRow(box, id, wide);
  useAlertKeys(box, id, close);
  const openRow = (event) => {
    const row = event.target.closest('.alert-row');
    if (row && !event.target.closest('a, button, label') && !String(getSelection())) {
      go(row.querySelector('.row-link').getAttribute('href'));
    }
  };
  const foot = picked.value.length
    ? html`<${BulkBar} />`
    : list?.length > 0 && html`<${ListFoot} open=${Boolean(id)} />`;
  return html`
    <${Shell} title=${t('nav.alerts')} kind=${`alerts ${id ? 'with-drawer' : ''}`} fixed>
      <div class="alerts-grid">
        ${(wide || over || !id) && html`
          <div class="alerts-list" ref=${box}>
            <${AlertFilters} />
            <section class="card list-card" aria-label=${t('alerts.list')}>
              <div class="list-scroll" tabindex="0" role="group" aria-label=${t('alerts.list')} onClick=${openRow}>
                <${Body} open=${Boolean(id)} selectedId=${near.id} />
              </div>
              ${foot}
            </section>
          </div>
        `}
        ${id && html`
          <${AlertDetail} id=${id} neighbours=${near} onClose=${close} wide=${wide} modal=${over && !wide} />
        `}
      </div>
    <//>
  `;
}
