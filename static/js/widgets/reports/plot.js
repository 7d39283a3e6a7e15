// The drawing of the report: what came in above the line, what went back below it, the days before
// as a dashed line; walked with the arrow keys.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { steps } from '../../values/chart-math.js';
import { money } from '../../values/format.js';
import { t } from '../../words/index.js';
import { Bars, FOOT, LEFT, PARTS, scale, shownTick, Ticks, Tip, TOP } from './plot-layers.js';
import { rowName } from './span-words.js';

function useSize() {
  const box = useRef(null);
  const [size, setSize] = useState({ w: 800, h: 220 });
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([{ contentRect }]) =>
      setSize({ w: Math.round(contentRect.width), h: Math.round(contentRect.height) }),
    );
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return [box, size];
}

const spoken = (row, wanted) =>
  [
    rowName(row, wanted).name,
    t('report.col.paid'),
    money(row.paidFen),
    t('report.col.refunded'),
    money(row.refundedFen),
  ].join(' ');

export function ReportPlot({ rows, past, wanted, unit, label }) {
  const [box, { w, h }] = useSize();
  const [at, setAt] = useState(null);
  const slot = (w - LEFT) / Math.max(1, rows.length);
  const { up, y, base } = scale({ rows, past, unit, h });
  const middle = (i) => LEFT + i * slot + slot / 2;
  const last = rows.length - 1;
  const chosen = at === null ? null : Math.min(at, last);
  const same = past.slice(0, rows.length).map(PARTS[unit].paid);
  const prev = same.some(Boolean) ? steps(same, (i) => LEFT + i * slot, y) : '';
  const point = (event) => setAt(Math.max(0, Math.min(last, Math.floor((event.offsetX - LEFT) / slot))));
  const key = (event) => {
    const next = { ArrowLeft: (chosen ?? rows.length) - 1, ArrowRight: (chosen ?? -1) + 1, Home: 0, End: last }[
      event.key
    ];
    if (event.key === 'Escape') setAt(null);
    if (next === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(last, next)));
  };
  return html`
    <div
      class="plot"
      ref=${box}
      role="img"
      aria-label=${label}
      tabindex="0"
      onKeyDown=${key}
      onBlur=${() => setAt(null)}
      onPointerMove=${point}
      onPointerLeave=${() => setAt(null)}
    >
      <svg width=${w} height=${h} aria-hidden="true">
        <defs>
          <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class="hatch-back" width="4" height="4" />
            <rect class="hatch-line" width="2" height="4" />
          </pattern>
        </defs>
        ${[0, up / 2, up].map((value) => html`
          <g key=${value}>
            <line class="grid" x1=${LEFT} x2=${w} y1=${y(value)} y2=${y(value)} />
            <text class="tick" x=${LEFT - 8} y=${y(value) + 4} text-anchor="end">${shownTick(value, unit)}</text>
          </g>
        `)}
        <${Bars} rows=${rows} unit=${unit} slot=${slot} y=${y} base=${base} />
        <path class="prev" d=${prev} />
        <${Ticks} rows=${rows} wanted=${wanted} slot=${slot} w=${w} h=${h} />
        ${chosen !== null && html`
          <line class="cross" x1=${middle(chosen)} x2=${middle(chosen)} y1=${TOP} y2=${h - FOOT} />
        `}
      </svg>
      ${chosen !== null && html`
        <${Tip} row=${rows[chosen]} past=${past[chosen]} wanted=${wanted} x=${middle(chosen)} w=${w} />
      `}
      <span class="sr" aria-live="polite">${chosen === null ? '' : spoken(rows[chosen], wanted)}</span>
    </div>
  `;
}
