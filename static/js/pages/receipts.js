import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { useKeys } from '../widgets/parts/keyboard.js';
import { phone, roomForDrawer } from '../media.js';
import { go, receiptPath } from '../router.js';
import { onFlush } from '../state/feed/feed.js';
import {
  busy,
  chosen,
  chosenId,
  error,
  findChosen,
  hasMore,
  keepReceipt,
  list,
  loadMore,
  loadReceipts,
  missing,
  refreshSoon,
  state,
  STATES,
  sums,
} from '../state/money/receipts.js';
import { t } from '../words/index.js';
import { Seg } from '../widgets/parts/basic.js';
import { Approvals } from '../widgets/money/approval-list.js';
import { ReceiptDetail } from '../widgets/money/receipt-detail.js';
import { hrefOf, ReceiptLines, ReceiptTable } from '../widgets/money/receipt-list.js';
import { Sums } from '../widgets/money/receipt-sums.js';
import { Shell } from '../widgets/shell/shell.js';
import { Empty, Failed, Loading } from '../widgets/parts/states.js';

const NEWS = /^(receipt|refund)\.|^order\.paid$|^notify\.refused$/;
const listPath = () => `/receipts${state.value === STATES[0] ? '' : `?state=${state.value}`}`;
const choose = (name) => go(name === STATES[0] ? '/receipts' : `/receipts?state=${name}`, { replace: true });

// On a narrow screen the bar scrolls; the tab that is chosen must be seen.
function Tabs() {
  const bar = useRef(null);
  useEffect(
    () => bar.current.querySelector('[aria-pressed="true"]')?.scrollIntoView({ inline: 'center', block: 'nearest' }),
    [state.value],
  );
  return html`
    <div class="list-bar" ref=${bar}>
      <${Seg}
        label=${t('rec.tabs')}
        options=${STATES.map((id) => ({ id, text: t(id === 'all' ? 'rec.tab.all' : `rst.${id}`) }))}
        value=${state.value}
        onChoose=${choose}
      />
    </div>
  `;
}

function Body({ selectedId }) {
  if (!list.value && error.value) {
    return html`<${Failed} panel=${t('error.receipts')} error=${error.value} onRetry=${loadReceipts} />`;
  }
  if (!list.value) return html`<${Loading} rows=${8} />`;
  if (!list.value.length) {
    return html`
      <${Empty}
        icon=${state.value === 'waiting' ? 'paid' : 'filter'}
        tone=${state.value === 'waiting' ? 'ok' : 'quiet'}
        title=${t(state.value === 'waiting' ? 'rec.empty' : 'rec.none')}
        why=${t(state.value === 'waiting' ? 'rec.empty.why' : 'rec.none.why')}
      />
    `;
  }
  return phone.value || (selectedId && roomForDrawer.value)
    ? html`<${ReceiptLines} list=${list.value} selectedId=${selectedId} />`
    : html`<${ReceiptTable} list=${list.value} />`;
}

const Foot = () => html`
  <footer class="list-foot small">
    <span>${t(hasMore.value ? 'rec.foot.more' : 'rec.foot', { n: list.value.length })}</span>
    ${hasMore.value && html`
      <button type="button" class="btn small" disabled=${busy.value} onClick=${loadMore}>${t('common.more')}</button>
    `}
    ${error.value && html`<span class="bad" role="alert">${t('error.title', { panel: t('error.receipts') })}</span>`}
    <span class="grow"></span>
    <span class="key-hints" aria-hidden="true">
      <span class="key-hint">
        <kbd>J</kbd>
        <kbd>K</kbd> ${t('alerts.key.move')}
      </span>
      <span class="key-hint">
        <kbd>Enter</kbd> ${t('alerts.key.open')}
      </span>
    </span>
  </footer>
`;

// With one open J and K turn its pages; without one they walk the focus along the rows.
function walk(box, near, by) {
  if (near) return void (near[by > 0 ? 'next' : 'prev'] && go(near[by > 0 ? 'next' : 'prev'], { replace: true }));
  const links = [...box.querySelectorAll('.row-link')];
  const at = links.indexOf(document.activeElement);
  return links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}

function neighboursOf(id) {
  const at = list.value?.findIndex((receipt) => String(receipt.id) === id) ?? -1;
  const href = (receipt) => (receipt ? hrefOf(receipt) : null);
  return at < 0 ? {} : { prev: href(list.value[at - 1]), next: href(list.value[at + 1]) };
}

export function Receipts() {
  const box = useRef(null);
  const id = chosenId.value;
  useEffect(() => {
    loadReceipts();
  }, [state.value]);
  useEffect(() => onFlush((events) => events.some(({ kind }) => NEWS.test(kind)) && refreshSoon()), []);
  const near = id ? neighboursOf(id) : null;
  const close = () => {
    go(listPath());
    setTimeout(() => box.current?.querySelector(`[data-id="${CSS.escape(id)}"] .row-link`)?.focus(), 0);
  };
  useEffect(() => {
    findChosen();
  }, [id, list.value]);
  // Without a receipt somebody was faster: under "all" it is found in whatever state it is now.
  const changed = (receipt) =>
    receipt ? keepReceipt(receipt) : state.value === 'all' ? loadReceipts() : go(receiptPath(id), { replace: true });
  useKeys({
    j: () => walk(box.current, near, 1),
    k: () => walk(box.current, near, -1),
    Escape: () => (id ? close() : false),
  });
  const openRow = (event) => {
    const row = event.target.closest('.receipt-row');
    if (row && !event.target.closest('a, button') && !String(getSelection())) {
      go(row.querySelector('.row-link').getAttribute('href'));
    }
  };
  const open = id && list.value;
  return html`
    <${Shell} title=${t('nav.receipts')} kind=${`receipts ${open ? 'with-drawer' : ''}`} fixed>
      <div class="alerts-grid">
        ${(!open || roomForDrawer.value) && html`
          <div class="alerts-list" ref=${box}>
            <${Approvals} />
            <${Sums} sums=${sums.value} />
            <p class="small quiet receipts-lead">${t('rec.lead')}</p>
            <${Tabs} />
            <section class="card list-card" aria-label=${t('rec.list')} aria-busy=${String(busy.value)}>
              <div class="list-scroll" tabindex="0" role="group" aria-label=${t('rec.list')} onClick=${openRow}>
                <${Body} selectedId=${id} />
              </div>
              ${list.value?.length > 0 && html`<${Foot} />`}
            </section>
          </div>
        `}
        ${open && html`
          <${ReceiptDetail}
            receipt=${chosen.value}
            missing=${missing.value === id}
            near=${near}
            onClose=${close}
            onChanged=${changed}
          />
        `}
      </div>
    <//>
  `;
}
