import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { useKeys } from '../keyboard.js';
import { phone } from '../media.js';
import { go, setParam } from '../router.js';
import { clean, detect } from '../search.js';
import { merchants, several } from '../state/merchants.js';
import { again, asked, busy, current, error, merchant, nextPage, openExact, PAGE, previousPage, search, status, STATUSES } from '../state/orders.js';
import { say } from '../state/toasts.js';
import { t } from '../words/index.js';
import { OrderCards, OrderTable } from '../widgets/ordertable.js';
import { Shell } from '../widgets/shell.js';
import { Empty, Failed, Loading } from '../widgets/states.js';

const PAUSE_MS = 250;

// Asks 250 ms after typing stops, never in the middle of a pinyin composition.
function useTyping(box) {
  const [text, setText] = useState(asked.value);
  const timer = useRef(null);
  useEffect(() => { if (clean(box.current.value) !== asked.value) { box.current.value = asked.value; setText(asked.value); } }, [asked.value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const apply = () => {
    clearTimeout(timer.current);
    const cleaned = clean(box.current.value);
    if (cleaned !== asked.value) setParam('q', cleaned);
    return cleaned;
  };
  const typed = (event) => {
    setText(event.currentTarget.value);
    clearTimeout(timer.current);
    if (!event.isComposing) timer.current = setTimeout(apply, PAUSE_MS);
  };
  return { text, typed, apply };
}

function SearchBox() {
  const box = useRef(null);
  const { text, typed, apply } = useTyping(box);
  useKeys({ '/': () => box.current.focus() });
  const kind = detect(clean(text));
  const submit = (event) => {
    event.preventDefault();
    openExact(apply());
  };
  const clear = () => {
    box.current.value = '';
    typed({ currentTarget: box.current, isComposing: false });
    apply();
    box.current.focus();
  };
  return html`<form class="input order-search" role="search" onSubmit=${submit}><${Icon} name="search" size=${18} tone="ink" />
    <input ref=${box} type="search" aria-label=${t('search.label')} placeholder=${t('orders.place')} defaultValue=${asked.value} maxlength="128" autocomplete="off" aria-describedby="orders-hint" onInput=${typed} onCompositionEnd=${typed} />
    ${kind && html`<span class="tag tone-accent detected"><${Icon} name="zap" size=${13} />${t(`orders.detected.${kind}`)}</span>`}
    ${text && html`<button type="button" class="btn ghost small" aria-label=${t('orders.clear')} onClick=${clear}><${Icon} name="x" /></button>`}
    <button type="submit" class="btn primary">${t('orders.submit')} <kbd aria-hidden="true">↵</kbd></button></form>`;
}

const Choice = ({ name, value, options }) => html`<label class="filter"><span class="small quiet">${t(`orders.${name}`)}</span><select class="select" value=${value} onChange=${(event) => setParam(name, event.currentTarget.value)}>
  <option value="">${t('common.all')}</option>${options.map(([id, words]) => html`<option key=${id} value=${id}>${words}</option>`)}</select></label>`;

const Filters = () => html`<div class="list-bar"><${Choice} name="status" value=${status.value} options=${STATUSES.map((code) => [code, t(`pay.${code}`)])} />
  ${several.value.length > 0 && html`<${Choice} name="merchant" value=${merchant.value} options=${several.value.map(({ key, name, mchId }) => [key, name === mchId ? name : `${name} · ${mchId}`])} />`}</div>`;

function Body() {
  const found = current.value;
  if (!found && error.value) return html`<${Failed} panel=${t('error.orders')} error=${error.value} onRetry=${again} />`;
  if (!found) return html`<${Loading} rows=${10} />`;
  if (found.orders.length) return phone.value ? html`<${OrderCards} orders=${found.orders} />` : html`<${OrderTable} orders=${found.orders} />`;
  if (!asked.value && !status.value && !merchant.value) return html`<${Empty} icon="search" title=${t('orders.empty')} why=${t('orders.empty.why')} />`;
  return html`<${Empty} icon="search" title=${t('orders.none', { q: asked.value || (status.value ? t(`pay.${status.value}`) : merchant.value) })} why=${t('orders.none.why')}><button type="button" class="btn" onClick=${() => go('/orders')}>${t('orders.none.do')}</button><//>`;
}

function Paging() {
  const found = current.value;
  if (!found?.orders.length) return null;
  const a = found.number * PAGE + 1;
  const range = { a, b: a + found.orders.length - 1 };
  return html`<footer class="list-foot small"><span>${t(found.next ? 'orders.range' : 'orders.range.end', range)}</span><span class="grow"></span>
    <button type="button" class="btn small" disabled=${found.number === 0 || busy.value} onClick=${previousPage}><${Icon} name="left" size=${14} />${t('common.prev')}</button>
    <button type="button" class="btn small" disabled=${!found.next || busy.value} onClick=${nextPage}>${t('common.next')}<${Icon} name="right" size=${14} /></button></footer>`;
}

function walk(box, by) {
  const links = [...box.querySelectorAll('.order-link')];
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}

export function Orders() {
  const box = useRef(null);
  useEffect(() => { search().then((orders) => orders && asked.value && say(t('orders.found', { n: orders.length }))); }, [asked.value, status.value, merchant.value]);
  useEffect(() => { if (!merchants.data.value) merchants.refresh(); }, []);
  useKeys({ j: () => walk(box.current, 1), k: () => walk(box.current, -1) });
  const openRow = (event) => {
    const row = event.target.closest('.order-row');
    if (row && !event.target.closest('a') && !String(getSelection())) go(row.querySelector('.order-link').getAttribute('href'));
  };
  return html`<${Shell} title=${t('nav.orders')} kind="orders" fixed><${SearchBox} /><p class="orders-hint small quiet" id="orders-hint">${t('orders.hint')}</p><${Filters} />
    <section class="card list-card" aria-label=${t('orders.results')} aria-busy=${String(busy.value)}><div class="list-scroll" tabindex="0" role="group" aria-label=${t('orders.results')} ref=${box} onClick=${openRow}><${Body} /></div><${Paging} /></section><//>`;
}
