// The live feed: newest on top, still while someone reads it.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { clock } from '../format.js';
import { Icon } from '../icons.js';
import { useKeys } from '../keyboard.js';
import { go, setParam } from '../router.js';
import { startLive, tailError } from '../state/connection.js';
import { filter, items, loaded, notice, pause, paused, pauseReason, resume, resumeAll, rows, SHOW, showNew, togglePause, waiting } from '../state/feed.js';
import { FILTER_NAMES } from '../state/fold.js';
import { t, word } from '../words/index.js';
import { FeedRow } from './feedrow.js';
import { Empty, Failed, Loading } from './states.js';

const LEAVE_MS = 800;
const GLYPHS = { paid: 'paid', refunds: 'refund', failed: 'failed', issues: 'high' };
const choose = (name) => setParam('show', name === 'all' ? '' : name);

function Filters() {
  const chosen = filter.value;
  const extra = chosen.startsWith('sev-') ? [chosen] : [];
  return html`<div class="feed-filters" role="group" aria-label=${t('feed.filters')}>${[...FILTER_NAMES, ...extra].map((name) => html`
    <button type="button" key=${name} class="chip" aria-pressed=${String(chosen === name)} onClick=${() => choose(chosen === name ? 'all' : name)}>
      ${GLYPHS[name] && html`<${Icon} name=${GLYPHS[name]} size=${14} />`}${name.startsWith('sev-') ? word('sev', name.slice(4)) : t(`feed.${name}`)}</button>`)}</div>`;
}

function PauseButton() {
  const on = paused.value;
  const act = t(on ? 'feed.resume' : 'feed.pause');
  return html`<button type="button" class="btn pause-button ${on ? 'accent' : ''}" onClick=${togglePause}>
    <${Icon} name=${on ? 'play' : 'pause'} size=${14} /><span class="pause-word">${act}</span> <kbd aria-hidden="true">P</kbd></button>`;
}

function NewBar({ onShow }) {
  const { n, critical, hidden, tooMany } = waiting.value;
  if (!n && !hidden) return null;
  return html`<button type="button" class="new-bar" onClick=${onShow}><${Icon} name="up" size=${14} />
    ${tooMany ? t('feed.toomany') : html`<b>${t('feed.new', { n })}</b>${critical > 0 && html`<span class="status bad"><${Icon} name="critical" size=${14} /><b>${t('feed.new.critical', { n: critical })}</b></span>`}
    ${hidden > 0 && html`<span class="small">${t('feed.new.hidden', { n: hidden })}</span>`}`} <kbd aria-hidden="true">N</kbd></button>`;
}

const Separator = ({ data: { n, from, to } }) => html`<li class="feed-cut"><${Icon} name="up" size=${14} />${t('feed.replayed', { n, from: clock(from), to: clock(to) })}</li>`;

function Notice() {
  if (!notice.value) return null;
  return html`<div class="feed-notice" role="status"><${Icon} name="high" tone="warn" size=${14} /><span class="grow">${t(notice.value.key, notice.value.values)}</span>
    <button type="button" class="btn ghost small" aria-label=${t('common.close')} onClick=${() => { notice.value = null; }}><${Icon} name="x" size=${14} /></button></div>`;
}

function Body({ list, onOpen }) {
  if (!loaded.value && tailError.value) return html`<${Failed} panel=${t('feed.panel')} error=${tailError.value} onRetry=${startLive} />`;
  if (!loaded.value) return html`<${Loading} rows=${10} />`;
  if (!items.value.length) return html`<${Empty} icon="monitor" title=${t('feed.empty')} why=${t('feed.empty.why')} />`;
  if (!rows.value.length) return html`<${Empty} icon="filter" title=${t('feed.none')} why=${t('feed.none.why', { n: items.value.length })}><button type="button" class="btn" onClick=${() => choose('all')}>${t('feed.none.do')}</button><//>`;
  return html`<ol ref=${list} class="feed-list" aria-label=${t('feed.list')}>${rows.value.map((item) => (item.kind === 'separator'
    ? html`<${Separator} key=${item.seq} data=${item.data} />` : html`<${FeedRow} key=${item.seq} item=${item} onOpen=${onOpen} />`))}
    ${rows.value.length >= SHOW && html`<li class="feed-end"><a href="/orders">${t('feed.more')}</a></li>`}</ol>`;
}

// J and K walk the rows; the focus itself marks the place, and holds the list still.
function step(box, by) {
  const list = [...box.querySelectorAll('.feed-row')];
  const at = list.indexOf(document.activeElement.closest?.('.feed-row'));
  const next = list[at < 0 ? 0 : Math.max(0, Math.min(list.length - 1, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

// On a wide page the rows scroll inside their card, on a narrow one with the page.
const HEAD_PX = 60;
const readingOlder = (box) => box.scrollTop > 8 || box.getBoundingClientRect().top < HEAD_PX;

function toTop(box) {
  box.scrollTop = 0;
  if (box.getBoundingClientRect().top < HEAD_PX) box.closest('.feed').scrollIntoView({ block: 'start' });
}

function open(event, where) {
  if (event.target.closest('a, button') || String(getSelection())) return;
  go(where);
}

export function Feed() {
  const box = useRef(null);
  const leaving = useRef(null);
  const hovering = useRef(false);
  const scrolled = () => (readingOlder(box.current) ? pause('scroll') : resume('scroll'));
  useEffect(() => {
    addEventListener('scroll', scrolled, { passive: true });
    return () => {
      removeEventListener('scroll', scrolled);
      clearTimeout(leaving.current);
      ['hover', 'focus', 'scroll'].forEach(resume); // a manual pause stays, also across pages
    };
  }, []);
  const show = () => {
    document.activeElement.closest?.('.feed-row')?.blur();
    showNew();
    toTop(box.current);
  };
  const enter = () => {
    const row = document.activeElement.closest?.('.feed-row.opens');
    return row && document.activeElement === row ? row.click() : false;
  };
  useKeys({ p: togglePause, n: show, j: () => step(box.current, 1), k: () => step(box.current, -1), Enter: enter,
    Home: () => toTop(box.current), Escape: () => (paused.value ? (document.activeElement.blur(), resumeAll()) : false) });
  // A pointer that rests where the rows came up (after a click on another page) reads nothing yet; one that moves does.
  const over = ({ pointerType, movementX, movementY }) => {
    if (hovering.current || pointerType !== 'mouse' || !(movementX || movementY)) return;
    hovering.current = true;
    clearTimeout(leaving.current);
    pause('hover');
  };
  const out = () => {
    hovering.current = false;
    clearTimeout(leaving.current);
    leaving.current = setTimeout(() => resume('hover'), LEAVE_MS);
  };
  const focusOut = (event) => !box.current?.contains(event.relatedTarget) && resume('focus');
  const focusIn = (event) => event.target !== box.current && event.target.matches(':focus-visible, .feed-row') && pause('focus');
  const why = pauseReason.value;
  return html`<section class="card feed" aria-labelledby="feed-title">
    <div class="card-head feed-head"><h2 id="feed-title">${t('feed.title')}</h2>
      <span class="feed-why small">${why ? t(why === 'manual' ? 'feed.paused' : `feed.paused.${why}`) : !loaded.value && !tailError.value ? html`<span class="quiet">${t('feed.loading')}</span>` : ''}</span>
      <span class="grow"></span><${Filters} /><${PauseButton} /></div>
    <div class="feed-cols small" aria-hidden="true">${['time', 'event', 'order', 'subject', 'amount', 'age'].map((name) => html`<span key=${name} class="col-${name}">${t(`feed.${name}`)}</span>`)}</div>
    <${NewBar} onShow=${show} /><${Notice} />
    <div class="feed-scroll" ref=${box} role="group" aria-labelledby="feed-title" tabindex="0" onPointerMove=${over} onPointerLeave=${out} onFocusIn=${focusIn} onFocusOut=${focusOut} onScroll=${scrolled}>
      <${Body} onOpen=${open} /></div></section>`;
}
