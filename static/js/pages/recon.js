// Bills: a month at a glance, and one day of it with both sides and every difference between them.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { useKeys } from '../widgets/parts/keyboard.js';
import { day, dayState, error, followDay, list, loadDay, parts, refreshDay, work } from '../state/bills/day.js';
import { isBillNews } from '../state/bills/last.js';
import { cells, date, followMonth, month, monthLoader } from '../state/bills/month.js';
import { open, openedId, resolving } from '../state/bills/opened.js';
import { mayPick, pick, picked, toggle, unpick } from '../state/bills/picked.js';
import { onFlush } from '../state/feed/feed.js';
import { may } from '../state/session.js';
import { isKnown } from '../values/bill-days.js';
import { t } from '../words/index.js';
import { DayHead, Sending } from '../widgets/bills/day-head.js';
import { NoBill, Stale, Work } from '../widgets/bills/day-state.js';
import { MakeUp, Sums } from '../widgets/bills/day-sums.js';
import { Bar, DifferenceList } from '../widgets/bills/difference-list.js';
import { useDrop, Veil } from '../widgets/bills/drop-zone.js';
import { MonthBar, MonthGrid } from '../widgets/bills/month-grid.js';
import { ResolveDialog } from '../widgets/bills/resolve-dialog.js';
import { Shell } from '../widgets/shell/shell.js';
import { Failed, Loading } from '../widgets/parts/states.js';

function Month() {
  const { error: fault } = monthLoader;
  if (!month.value && fault.value) {
    return html`
      <section class="card">
        <${Failed} panel=${t('nav.recon')} error=${fault.value} onRetry=${monthLoader.now} />
      </section>
    `;
  }
  if (!month.value) {
    return html`
      <section class="card">
        <${Loading} rows=${2} />
      </section>
    `;
  }
  return html`
    <section class="card bill-month" aria-label=${t('recon.month')}>
      <${MonthBar} />
      <${MonthGrid} />
    </section>
  `;
}

function Figures() {
  const worked = isKnown(day.value) && (dayState.value !== 'none' || parts.value.length > 0);
  if (!worked) return work() ? null : html`<${NoBill} />`;
  return html`
    <${Stale} />
    <div class="day-grid">
      <${Sums} />
      <${MakeUp} />
    </div>
    <${Bar} />
    <${DifferenceList} />
  `;
}

// A day without a bill is answered with 404: it is not over, or too long ago.
function Day() {
  if (!month.value || !date.value) return null;
  const gone = error.value?.status === 404;
  const body = () => {
    if (day.value) return html`<${Figures} />`;
    if (gone) return html`<${NoBill} />`;
    const state = error.value
      ? html`<${Failed} panel=${t('error.recon.day')} error=${error.value} onRetry=${loadDay} />`
      : html`<${Loading} rows=${6} />`;
    return html`<section class="card">${state}</section>`;
  };
  return html`
    <${DayHead} />
    <${Sending} />
    <${Work} />
    ${body()}
  `;
}

const linkOf = (box, id) => box?.querySelector(`[data-id="${CSS.escape(String(id))}"] .row-link`);
const focused = () => {
  const id = document.activeElement?.closest('[data-id]')?.dataset.id;
  return list.value?.find((each) => String(each.id) === id);
};

// J and K walk the focus along the rows, and an opened row goes with it; with Shift both are chosen.
function walk(box, by, choosing) {
  const rows = list.value ?? [];
  const here = focused() ?? rows.find(({ id }) => String(id) === openedId.value);
  const at = rows.indexOf(here);
  const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
  if (!next) return;
  if (choosing) pick(here ? [here, next] : [next]);
  if (openedId.value) open(next.id);
  const link = linkOf(box, next.id);
  link?.focus();
  link?.scrollIntoView({ block: 'nearest' });
}

function useReconKeys(box) {
  const step = (by) => (event) => walk(box.current, by, event.shiftKey);
  const resolve = () => {
    const chosen = picked.value.length ? picked.value : [focused()].filter((each) => each && mayPick(each));
    return chosen.length ? void (resolving.value = chosen) : false;
  };
  const close = () => {
    const id = openedId.value;
    open('');
    linkOf(box.current, id)?.focus();
  };
  useKeys({
    j: step(1),
    k: step(-1),
    x: () => (focused() && mayPick(focused()) ? toggle(focused()) : false),
    e: resolve,
    f: () => box.current.querySelector('select[name=kind]')?.focus(),
    Escape: () => (openedId.value ? close() : picked.value.length ? unpick() : false),
  });
}

export function Recon() {
  const box = useRef(null);
  useEffect(followMonth, []);
  useEffect(followDay, []);
  useEffect(() => onFlush((events) => events.some(isBillNews) && refreshDay()), []);
  useEffect(() => unpick, [date.value]);
  const over = useDrop(may('fetchBill') && Boolean(date.value && cells.value));
  useReconKeys(box);
  return html`
    <${Shell} title=${t('nav.recon')} kind="recon">
      <div class="recon" ref=${box}>
        <${Month} />
        <${Day} />
      </div>
      ${over && html`<${Veil} />`}
      <${ResolveDialog} />
    <//>
  `;
}
