// The layers of the chart: the bars, the line of the success rate, the gap while the page was cut off,
// the figures of a minute.
import { html } from '../../html.js';
import { lowest, RATE_FLOOR, RATE_GOAL, rateOf } from '../../values/chart-math.js';
import { clock, clockMinute, count, money, percent } from '../../values/format.js';
import { skewMs } from '../../state/clock.js';
import { conn, isCut } from '../../state/feed/connection.js';
import { t } from '../../words/index.js';

export const LEFT = 46;
export const RATE_H = 20;
const LOW_WORDS = 130; // room for the words beside the lowest point

export function Bars({ minutes, model, y, base }) {
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

export function Rates({ minutes, x, top, w }) {
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

export function Gap({ w, top, base, slot }) {
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

export function Tip({ minute, before, x, w }) {
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
