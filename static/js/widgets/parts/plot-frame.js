// What every chart has: the size that the page gives it, the lines of its scale, and one place that
// the pointer or the arrow keys choose.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { count } from '../../values/format.js';

// Until the page has said it, `h` stands for the height.
export function usePlotSize(h) {
  const box = useRef(null);
  const [size, setSize] = useState({ w: 800, h });
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([{ contentRect }]) =>
      setSize({ w: Math.round(contentRect.width), h: Math.round(contentRect.height) }),
    );
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return [box, size];
}

// In fen or in counts.
const tick = (value, unit) => (unit === 'amount' ? `¥${count(value / 100)}` : count(value));

export const Scale = ({ values, unit, y, left, w }) =>
  values.map((value) => html`
    <g key=${value}>
      <line class="grid" x1=${left} x2=${w} y1=${y(value)} y2=${y(value)} />
      <text class="tick" x=${left - 8} y=${y(value) + 4} text-anchor="end">${tick(value, unit)}</text>
    </g>
  `);

const Hatch = () => html`
  <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect class="hatch-back" width="4" height="4" />
    <rect class="hatch-line" width="2" height="4" />
  </pattern>
`;

// `n` places of `slot` pixels from `left` on; `cross`: from where to where the line of the chosen one goes.
// `tip` and `spoken` say what is there; `ends`: Home and End go to the first and the last, and a walk to the right
// begins at the first.
export function PlotFrame({ box, w, h, label, n, left, slot, cross, ends, tip, spoken, children }) {
  const [at, setAt] = useState(null);
  const last = n - 1;
  const chosen = at === null || last < 0 ? null : Math.min(at, last);
  const choose = (i) => setAt(Math.max(0, Math.min(last, i)));
  const key = (event) => {
    if (event.key === 'Escape') setAt(null);
    const walk = { ArrowLeft: (chosen ?? n) - 1, ArrowRight: (chosen ?? (ends ? -1 : last)) + 1 };
    const next = { ...walk, ...(ends && { Home: 0, End: last }) }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  };
  const x = chosen === null ? null : left + chosen * slot + slot / 2;
  return html`
    <div
      class="plot"
      ref=${box}
      role="img"
      aria-label=${label}
      tabindex="0"
      onKeyDown=${key}
      onBlur=${() => setAt(null)}
      onPointerMove=${(event) => choose(Math.floor((event.offsetX - left) / slot))}
      onPointerLeave=${() => setAt(null)}
    >
      <svg width=${w} height=${h} aria-hidden="true">
        <defs>
          <${Hatch} />
        </defs>
        ${children} ${x !== null && html`<line class="cross" x1=${x} x2=${x} y1=${cross[0]} y2=${cross[1]} />`}
      </svg>
      ${x !== null && tip(chosen, x)}
      <span class="sr" aria-live="polite">${x === null ? '' : spoken(chosen)}</span>
    </div>
  `;
}
