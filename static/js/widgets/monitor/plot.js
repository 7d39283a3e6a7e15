// The drawing of the chart, at the size that the page gives it.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { bars, niceMax, scaleFor, steps } from '../../values/chart-math.js';
import { clockMinute } from '../../values/format.js';
import { t } from '../../words/index.js';
import { LEFT, RATE_H, tick, Bars, Rates, Gap, Tip } from './plot-layers.js';

const FOOT = 24;

function useSize() {
  const box = useRef(null);
  const [size, setSize] = useState({ w: 800, h: 180 });
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([{ contentRect }]) =>
      setSize({ w: Math.round(contentRect.width), h: Math.round(contentRect.height) }),
    );
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return [box, size];
}

const spoken = ({ at, paidCount, failedCount }) =>
  `${clockMinute(at)} ${t('chart.paid')} ${paidCount} ${t('chart.failed')} ${failedCount}`;

export function Plot({ minutes, before, unit, label }) {
  const [box, { w, h }] = useSize();
  const [at, setAt] = useState(null);
  const top = 10;
  const base = Math.max(top + 20, h - FOOT - RATE_H - 18);
  const model = bars(minutes, unit, { left: LEFT, width: w - LEFT, top, height: base - top });
  const max =
    unit === 'amount' ? niceMax(scaleFor(minutes, before, model) / 100) * 100 : scaleFor(minutes, before, model);
  const y = (value) => base - (value / max) * (base - top);
  const edge = (i) => LEFT + i * model.slot;
  const middle = (i) => edge(i) + model.slot / 2;
  // A day without data has no line.
  const prev = before.some(model.value) ? steps(before.map(model.value), edge, y) : '';
  const chosen = at === null ? null : Math.min(at, minutes.length - 1);
  const point = (event) =>
    setAt(Math.max(0, Math.min(minutes.length - 1, Math.floor((event.offsetX - LEFT) / model.slot))));
  const key = (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === 'Escape') setAt(null);
    if (!move) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(minutes.length - 1, (chosen ?? minutes.length) + move)));
  };
  const every = w < 500 ? 20 : 10;
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
          <clipPath id="in-bars">
            ${minutes.map((minute, i) => html`
              <rect
                key=${i}
                x=${edge(i)}
                y=${y(model.value(minute))}
                width=${model.slot}
                height=${base - y(model.value(minute))}
              />
            `)}
          </clipPath>
        </defs>
        ${[0, max / 2, max].map((value) => html`
          <g key=${value}>
            <line class="grid" x1=${LEFT} x2=${w} y1=${y(value)} y2=${y(value)} />
            <text class="tick" x=${LEFT - 8} y=${y(value) + 4} text-anchor="end">${tick(value, unit)}</text>
          </g>
        `)}
        <path class="prev" d=${prev} />
        <${Bars} minutes=${minutes} model=${model} y=${y} base=${base} />
        <path class="prev-in" d=${prev} clip-path="url(#in-bars)" />
        <${Gap} w=${w} top=${top} base=${base} slot=${model.slot} />
        <${Rates} minutes=${minutes} x=${middle} top=${base + 12} w=${w} />
        ${minutes.map(
          (minute, i) =>
            (i % every === 0 || i === minutes.length - 1) &&
            (i === minutes.length - 1 || i < minutes.length - every / 2) &&
            html`
              <text
                key=${minute.at}
                class="tick"
                x=${i === 0 ? LEFT : i === minutes.length - 1 ? w : middle(i)}
                y=${h - 6}
                text-anchor=${i === 0 ? 'start' : i === minutes.length - 1 ? 'end' : 'middle'}
              >
                ${clockMinute(minute.at)}
              </text>
            `,
        )}
        ${chosen !== null && html`
          <line class="cross" x1=${middle(chosen)} x2=${middle(chosen)} y1=${top} y2=${base + 12 + RATE_H} />
        `}
      </svg>
      ${chosen !== null && minutes[chosen] && html`
        <${Tip} minute=${minutes[chosen]} before=${before[chosen]} x=${middle(chosen)} w=${w} />
      `}
      <span class="sr" aria-live="polite">${chosen !== null && minutes[chosen] ? spoken(minutes[chosen]) : ''}</span>
    </div>
  `;
}
