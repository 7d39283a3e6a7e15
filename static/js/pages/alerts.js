import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { kindWord } from '../explain.js';
import { useKeys } from '../keyboard.js';
import { phone, roomForDrawer } from '../media.js';
import { go, route, setParam } from '../router.js';
import { countOf, hasMore, isPaged, kindFilter, listed, loadPage, pagedBusy, pagedError, severityFilter, tab, TABS } from '../state/alertlist.js';
import { KINDS, SEVERITIES, unresolved } from '../state/alerts.js';
import { may } from '../state/session.js';
import { t, word } from '../words/index.js';
import { AlertDetail } from '../widgets/alertdetail.js';
import { AlertLines, AlertTable, hrefOf } from '../widgets/alertlist.js';
import { Seg } from '../widgets/basic.js';
import { Shell } from '../widgets/shell.js';
import { Empty, Failed, Loading } from '../widgets/states.js';

const tabWords = (name) => `${t(`alerts.tab.${name}`)}${countOf(name) === null ? '' : ` ${countOf(name)}`}`;

const Choice = ({ name, value, options }) => html`<label class="filter"><span class="small quiet">${t(`alerts.filter.${name}`)}</span>
  <select class="select" value=${value} onChange=${(event) => setParam(name, event.currentTarget.value)}><option value="">${t('common.all')}</option>
    ${options.map(([id, words]) => html`<option key=${id} value=${id}>${words}</option>`)}</select></label>`;

const Bar = () => html`<div class="list-bar"><${Seg} label=${t('alerts.tabs')} options=${TABS.map((id) => ({ id, text: tabWords(id) }))} value=${tab.value} onChoose=${(id) => setParam('tab', id === 'unresolved' ? '' : id)} />
  <span class="grow"></span><${Choice} name="severity" value=${severityFilter.value} options=${SEVERITIES.slice(0, 4).map((id) => [id, word('sev', id)])} />
  <${Choice} name="kind" value=${kindFilter.value} options=${KINDS.map((id) => [id, kindWord(id)])} /></div>`;

function Body({ selectedId }) {
  const error = isPaged.value ? pagedError.value : unresolved.error.value;
  const list = listed.value;
  if (!list && error) return html`<${Failed} panel=${t('error.alerts')} error=${error} onRetry=${isPaged.value ? loadPage : unresolved.now} />`;
  if (!list) return html`<${Loading} rows=${9} />`;
  if (!list.length) {
    const calm = tab.value === 'unresolved' && !kindFilter.value && !severityFilter.value;
    return html`<${Empty} icon="paid" tone="ok" title=${t(calm ? 'alerts.empty' : 'alerts.none')} why=${t(calm ? 'alerts.empty.why' : 'alerts.noalerts.why')} />`;
  }
  const lines = phone.value || (selectedId && roomForDrawer.value);
  return lines ? html`<${AlertLines} list=${list} selectedId=${selectedId} />` : html`<${AlertTable} list=${list} />`;
}

const Hint = ({ keys, words }) => html`<span class="key-hint">${keys.map((key) => html`<kbd key=${key}>${key}</kbd>`)} ${t(words)}</span>`;

// Claim and resolve act on the open alert.
function Foot({ open }) {
  const list = listed.value ?? [];
  return html`<footer class="list-foot small"><span>${hasMore.value ? t('alerts.foot.more', { n: list.length }) : t('alerts.foot', { n: list.length })}</span>
    ${hasMore.value && html`<button type="button" class="btn small" disabled=${pagedBusy.value} onClick=${() => loadPage({ more: true })}>${t('common.more')}</button>`}<span class="grow"></span>
    <span class="key-hints" aria-hidden="true"><${Hint} keys=${['J', 'K']} words="alerts.key.move" /><${Hint} keys=${['Enter']} words="alerts.key.open" />${open && may('acknowledge') && html`<${Hint} keys=${['A']} words="alerts.key.claim" />`}${open && may('resolve') && html`<${Hint} keys=${['E']} words="alerts.key.resolve" />`}</span></footer>`;
}

// With a drawer open J and K turn its pages; without one they walk the focus along the rows.
function walk(box, id, by) {
  const list = listed.value ?? [];
  if (id) {
    const next = list[list.findIndex((alert) => alert.id === id) + by];
    if (next) go(hrefOf(next), { replace: true });
    return;
  }
  const links = [...box.querySelectorAll('.row-link')];
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}

function neighboursOf(id) {
  const list = listed.value ?? [];
  const at = list.findIndex((alert) => String(alert.id) === String(id));
  const href = (alert) => (alert ? hrefOf(alert) : null);
  return at < 0 ? {} : { prev: href(list[at - 1]), next: href(list[at + 1]), id: list[at].id };
}

export function Alerts() {
  const { id } = route.value;
  const box = useRef(null);
  const list = listed.value;
  useEffect(() => { if (isPaged.value && !listed.value) loadPage(); }, [tab.value, kindFilter.value]);
  const near = neighboursOf(id);
  const close = () => {
    go(`/alerts${location.search}`);
    setTimeout(() => box.current?.querySelector(`[data-id="${CSS.escape(id)}"] .row-link`)?.focus(), 0);
  };
  useKeys({ j: () => walk(box.current, near.id ?? id, 1), k: () => walk(box.current, near.id ?? id, -1), Escape: () => (id ? close() : false) });
  const wide = roomForDrawer.value;
  const openRow = (event) => {
    const row = event.target.closest('.alert-row');
    if (row && !event.target.closest('a, button') && !String(getSelection())) go(row.querySelector('.row-link').getAttribute('href'));
  };
  const showList = wide || !id;
  return html`<${Shell} title=${t('nav.alerts')} kind=${`alerts ${id ? 'with-drawer' : ''}`} fixed><div class="alerts-grid">
    ${showList && html`<div class="alerts-list" ref=${box}><${Bar} /><section class="card list-card" aria-label=${t('alerts.list')}><div class="list-scroll" tabindex="0" role="group" aria-label=${t('alerts.list')} onClick=${openRow}><${Body} selectedId=${near.id} /></div>${list?.length > 0 && html`<${Foot} open=${Boolean(id)} />`}</section></div>`}
    ${id && html`<${AlertDetail} id=${id} neighbours=${near} onClose=${close} wide=${wide} />`}</div><//>`;
}
