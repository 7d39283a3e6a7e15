// The live feed: newest on top, still while someone reads it.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../../html.js';
import { useKeys } from '../parts/keyboard.js';
import { go } from '../../router.js';
import { startLive, tailError } from '../../state/feed/connection.js';
import { filter, items, loaded, rows, showNew } from '../../state/feed/feed.js';
import { pause, paused, resume, resumeAll, togglePause } from '../../state/feed/pause.js';
import { t } from '../../words/index.js';
import { FirstSteps } from './first-steps.js';
import { choose, FeedHead, NewBar, Notice } from './head.js';
import { FeedList } from './list.js';
import { FeedWait } from './waiting.js';
import { Empty, Failed } from '../parts/states.js';

const LEAVE_MS = 800;
const COLUMNS = ['time', 'event', 'order', 'subject', 'amount', 'age'];

function Body({ box, controls, onOpen }) {
  if (!loaded.value && tailError.value) {
    return html`<${Failed} panel=${t('feed.panel')} error=${tailError.value} onRetry=${startLive} />`;
  }
  if (!loaded.value) return html`<${FeedWait} />`;
  if (!items.value.length) return html`<${FirstSteps} />`;
  if (!rows.value.length) {
    return html`
      <${Empty} icon="filter" title=${t('feed.none')} why=${t('feed.none.why', { n: items.value.length })}>
        <button type="button" class="btn" onClick=${() => choose('all')}>${t('feed.none.do')}</button>
      <//>
    `;
  }
  return html`<${FeedList} box=${box} controls=${controls} onOpen=${onOpen} />`;
}

// On a wide page the rows scroll inside their card, on a narrow one with the page.
const HEAD_PX = 60;
const readingOlder = (box) => box.scrollTop > 8 || box.getBoundingClientRect().top < HEAD_PX;

function toTop(box) {
  box.scrollTop = 0;
  if (box.getBoundingClientRect().top < HEAD_PX) box.closest('.feed').scrollIntoView({ block: 'start' });
}

const selectionIn = (box) => !getSelection().isCollapsed && box.contains(getSelection().anchorNode);

function open(event, where) {
  if (event.target.closest('a, button') || String(getSelection())) return;
  go(where);
}

// A pointer that rests where the rows came up (after a click on another page) reads nothing yet; one that moves does.
function useHover() {
  const leaving = useRef(null);
  const hovering = useRef(false);
  useEffect(() => () => clearTimeout(leaving.current), []);
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
  return { onPointerMove: over, onPointerLeave: out };
}

function useWatches(box) {
  const set = (why, on) => (on ? pause(why) : resume(why));
  const scrolled = () => set('scroll', readingOlder(box.current));
  useLayoutEffect(() => {
    const selected = () => set('select', selectionIn(box.current));
    addEventListener('scroll', scrolled, { passive: true });
    document.addEventListener('selectionchange', selected);
    return () => {
      removeEventListener('scroll', scrolled);
      document.removeEventListener('selectionchange', selected);
      ['select', 'hover', 'focus', 'scroll'].forEach(resume); // a manual pause stays, also across pages
    };
  }, []);
  return scrolled;
}

export function Feed() {
  const box = useRef(null);
  const controls = useRef({}).current;
  const hover = useHover();
  const scrolled = useWatches(box);
  useEffect(() => {
    box.current.scrollTop = 0;
  }, [filter.value]);
  const show = () => {
    document.activeElement.closest?.('.feed-row')?.blur();
    showNew();
    toTop(box.current);
  };
  const enter = () => {
    const row = document.activeElement.closest?.('.feed-row.opens');
    return row && document.activeElement === row ? row.click() : false;
  };
  const step = (by) => () => controls.step?.(by);
  const rest = () => (paused.value ? (document.activeElement.blur(), getSelection().empty(), resumeAll()) : false);
  useKeys({
    p: togglePause,
    n: show,
    f: () => controls.focusFilters(),
    j: step(1),
    k: step(-1),
    Enter: enter,
    Home: () => toTop(box.current),
    Escape: rest,
  });
  const focusOut = (event) => !box.current?.contains(event.relatedTarget) && resume('focus');
  const focusIn = (event) =>
    event.target !== box.current && event.target.matches(':focus-visible, .feed-row') && pause('focus');
  return html`
    <section class="card feed" aria-labelledby="feed-title">
      <${FeedHead} controls=${controls} />
      <div class="feed-cols small" aria-hidden="true">
        ${COLUMNS.map((name) => html`<span key=${name} class="col-${name}">${t(`feed.${name}`)}</span>`)}
      </div>
      <${NewBar} onShow=${show} />
      <${Notice} />
      <div
        class="feed-scroll"
        ref=${box}
        role="group"
        aria-labelledby="feed-title"
        tabindex="0"
        ...${hover}
        onFocusIn=${focusIn}
        onFocusOut=${focusOut}
        onScroll=${scrolled}
      >
        <${Body} box=${box} controls=${controls} onOpen=${open} />
      </div>
    </section>
  `;
}
