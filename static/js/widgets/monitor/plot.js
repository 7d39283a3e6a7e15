// The drawing of the chart, at the size that the page gives it.
import { html } from '../../html.js';
import { bars, niceMax, scaleFor, steps } from '../../values/chart-math.js';
import { clockMinute } from '../../values/format.js';
import { t } from '../../words/index.js';
import { PlotFrame, Scale, usePlotSize } from '../parts/plot-frame.js';
import { LEFT, RATE_H, Bars, Rates, Gap, Tip } from './plot-layers.js';

const FOOT = 24;

const spoken = ({ at, paidCount, failedCount }) =>
  `${clockMinute(at)} ${t('chart.paid')} ${paidCount} ${t('chart.failed')} ${failedCount}`;

export function Plot({ minutes, before, unit, label }) {
  const [box, { w, h }] = usePlotSize(180);
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
  const place = { n: minutes.length, left: LEFT, slot: model.slot, cross: [top, base + 12 + RATE_H] };
  const every = w < 500 ? 20 : 10;
  return html`
    <${PlotFrame}
      box=${box}
      w=${w}
      h=${h}
      label=${label}
      ...${place}
      tip=${(i, x) => html`<${Tip} minute=${minutes[i]} before=${before[i]} x=${x} w=${w} />`}
      spoken=${(i) => spoken(minutes[i])}
    >
      <defs>
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
      <${Scale} values=${[0, max / 2, max]} unit=${unit} y=${y} left=${LEFT} w=${w} />
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
    <//>
  `;
}
