// The rows of the feed. Only those in view are in the page; the one with the focus always is.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { clock, count } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { findingOf, isFinding } from '../../sentences/explain.js';
import { phone } from '../../media.js';
import { placeRows, windowOf } from '../../values/row-math.js';
import { rows } from '../../state/feed/feed.js';
import { keyOf } from '../../live/storm.js';
import { t } from '../../words/index.js';
import { FeedRow, GroupRow } from './row.js';

const STEP_PX = 180; // looked at again after so much scrolling
const DESK = { row: 36, issue: 58, line: 28 };
const PHONE = { row: 58, issue: 98, line: 44 }; // as in feed.css
const LINES = ['separator', 'older'];

function heights() {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const sizes = phone.value ? PHONE : DESK;
  return (row) =>
    rem * (LINES.includes(row.kind) ? sizes.line : isFinding(row) && findingOf(row) ? sizes.issue : sizes.row);
}

// The visible part of the list: through its own box on a wide page, through the window on a narrow one.
function useSeen(box, list) {
  const [seen, setSeen] = useState([0, 10 * STEP_PX]);
  const look = () => {
    if (!list.current) return;
    const clip = box.current.getBoundingClientRect();
    const { top } = list.current.getBoundingClientRect();
    const from = Math.floor((Math.max(0, clip.top) - top) / STEP_PX) * STEP_PX;
    const to = Math.ceil((Math.min(innerHeight, clip.bottom) - top) / STEP_PX) * STEP_PX;
    setSeen((was) => (was[0] === from && was[1] === to ? was : [from, to]));
  };
  useLayoutEffect(look);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(look);
    watch.observe(box.current);
    const node = box.current;
    for (const target of [node, window]) target.addEventListener('scroll', look, { passive: true });
    return () => {
      watch.disconnect();
      for (const target of [node, window]) target.removeEventListener('scroll', look);
    };
  }, []);
  return seen;
}

const Line = ({ row }) =>
  row.kind === 'older'
    ? html`<${Icon} name="layers" size=${14} />${t('feed.older')}`
    : html`
        <${Icon} name="up" size=${14} />
        ${t('feed.replayed', { n: count(row.data.n), from: clock(row.data.from), to: clock(row.data.to) })}
      `;

function Row({ row, onOpen, ...place }) {
  if (LINES.includes(row.kind)) {
    return html`
      <li class="feed-cut" ...${place}>
        <${Line} row=${row} />
      </li>
    `;
  }
  return row.kind === 'group'
    ? html`<${GroupRow} group=${row} ...${place} />`
    : html`<${FeedRow} item=${row} onOpen=${onOpen} ...${place} />`;
}

// J and K (`controls.step`) walk the rows; the focus itself marks the place, and holds the list still.
function useFocus(controls, list) {
  const [key, setKey] = useState(null);
  const wanted = useRef(null);
  controls.step = (by) => {
    const all = rows.value.filter((row) => !LINES.includes(row.kind));
    const at = list.current?.contains(document.activeElement) ? all.findIndex((row) => String(keyOf(row)) === key) : -1;
    const next = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
    if (!next) return;
    wanted.current = String(keyOf(next));
    if (wanted.current === key) focusRow();
    else setKey(wanted.current);
  };
  const focusRow = () => {
    const row = wanted.current && list.current?.querySelector(`[data-key="${CSS.escape(wanted.current)}"]`);
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'nearest' });
  };
  useLayoutEffect(focusRow);
  return [key, (event) => setKey(event.target.closest('.feed-row')?.dataset.key ?? null)];
}

export function FeedList({ box, controls, onOpen }) {
  const list = useRef(null);
  const seen = useSeen(box, list);
  const [focused, keep] = useFocus(controls, list);
  const all = rows.value;
  const tops = placeRows(all, heights());
  const [first, end] = windowOf(tops, ...seen);
  const wanted = all.map((row, i) => i).filter((i) => (i >= first && i < end) || String(keyOf(all[i])) === focused);
  return html`
    <ol
      ref=${list}
      class="feed-list"
      aria-label=${t('feed.list')}
      style=${{ height: `${tops.at(-1)}px` }}
      onFocusIn=${keep}
    >
      ${wanted.map((i) => html`
        <${Row}
          key=${keyOf(all[i])}
          row=${all[i]}
          onOpen=${onOpen}
          data-key=${keyOf(all[i])}
          style=${{ top: `${tops[i]}px` }}
          aria-setsize=${all.length}
          aria-posinset=${i + 1}
        />
      `)}
    </ol>
    <p class="feed-end">
      <a href="/orders">${t('feed.more')}</a>
    </p>
  `;
}
