// The drawing of the chart, at the size that the page gives it.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { bars, lowest, niceMax, RATE_FLOOR, RATE_GOAL, rateOf, scaleFor, steps } from '../../values/chart-math.js';
import { clock, clockMinute, count, money, percent } from '../../values/format.js';
import { skewMs } from '../../state/clock.js';
import { conn, isCut } from '../../state/feed/connection.js';
import { t } from '../../words/index.js';

const LEFT = 46;
const RATE_H = 20;
const FOOT = 24;
const LOW_WORDS = 130; // room for the words beside the lowest point

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

const tick = (value, unit) => (unit === 'amount' ? `¥${count(value / 100)}` : count(value));

function Bars({ minutes, model, y, base }) {
  const gap = model.slot > 6 ? 2 : 1;
  return minutes.map((minute, i) => {
    const x = model.left + i * model.slot;
    const w = Math.max(1, model.slot - gap);
    const paid = model.value(minute);
    const failed = model.failed(minute);
    return html`
      <g key=${minute.at} class=${i === minutes.length - 1 ? 'bar-now' : ''}>
        ${paid > 0 && html`<rect class="bar" x=${x} y=${y(paid)} width=${w} height=${base - y(paid)} />`}
        ${failed > 0 && html`
          <rect class="bar-failed" x=${x} y=${y(paid + failed)} width=${w} height=${y(paid) - y(paid + failed)} />
        `}
      </g>
    `;
  });
}

function Rates({ minutes, x, top, w }) {
  const y = (rate) => top + RATE_H * (1 - (Math.max(rate, RATE_FLOOR) - RATE_FLOOR) / (1 - RATE_FLOOR));
  const points = minutes.map((minute, i) => [x(i), rateOf(minute)]).filter(([, rate]) => rate !== null);
  const low = lowest(minutes);
  const flip = low && x(low.i) > w - LOW_WORDS;
  return html`
    <g>
      <text class="tick" x=${LEFT - 8} y=${y(RATE_GOAL) + 4} text-anchor="end">95%</text>
      <line class="goal" x1=${LEFT} x2=${w} y1=${y(RATE_GOAL)} y2=${y(RATE_GOAL)} />
      <path
        class="rate"
        d=${points.map(([px, rate], i) => `${i ? 'L' : 'M'}${px.toFixed(1)} ${y(rate).toFixed(1)}`).join('')}
      />
      ${low && html`
        <circle class="low" cx=${x(low.i)} cy=${y(low.rate)} r="3.5" />
        <text
          class="low-words"
          x=${x(low.i) + (flip ? -9 : 9)}
          y=${y(low.rate) + 4}
          text-anchor=${flip ? 'end' : 'start'}
        >
          ${t('chart.low', { time: clockMinute(low.at), rate: percent(low.rate, 0) })}
        </text>
      `}
    </g>
  `;
}

function Gap({ w, top, base, slot }) {
  if (!isCut() || !conn.value.heardAt) return null;
  const x = w - slot;
  return html`
    <g>
      <rect class="gap" x=${x} y=${top} width=${slot} height=${base - top} />
      <text class="gap-words" x=${x - 6} y=${top + 12} text-anchor="end">
        ${t('chart.gap', { time: clock(conn.value.heardAt + skewMs.value) })}
      </text>
    </g>
  `;
}

function Tip({ minute, before, x, w }) {
  const side = x > w / 2 ? { right: `${w - x + 10}px` } : { left: `${x + 10}px` };
  const line = (words, value) => html`
    <div>
      <dt>${words}</dt>
      <dd>${value}</dd>
    </div>
  `;
  return html`
    <dl class="tip" style=${side}>
      <div>
        <dt>
          <b>${clockMinute(minute.at)}</b>
        </dt>
        <dd></dd>
      </div>
      ${line(t('chart.paid'), `${count(minute.paidCount)} · ${money(minute.paidFen)}`)}
      ${line(t('chart.failed'), count(minute.failedCount))}
      ${line(t('chart.rate'), percent(rateOf(minute)))}
      ${before && line(t('chart.yesterday'), `${count(before.paidCount)} · ${money(before.paidFen)}`)}
    </dl>
  `;
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
