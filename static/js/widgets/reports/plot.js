// The drawing of the report: what came in above the line, what went back below it, the days before
// as a dashed line; walked with the arrow keys.
import { html } from '../../html.js';
import { steps } from '../../values/chart-math.js';
import { money } from '../../values/format.js';
import { t } from '../../words/index.js';
import { PlotFrame, Scale, usePlotSize } from '../parts/plot-frame.js';
import { Bars, FOOT, LEFT, PARTS, scale, Ticks, Tip, TOP } from './plot-layers.js';
import { rowName } from './span-words.js';

const spoken = (row, wanted) =>
  [
    rowName(row, wanted).name,
    t('report.col.paid'),
    money(row.paidFen),
    t('report.col.refunded'),
    money(row.refundedFen),
  ].join(' ');

export function ReportPlot({ rows, past, wanted, unit, label }) {
  const [box, { w, h }] = usePlotSize(220);
  const slot = (w - LEFT) / Math.max(1, rows.length);
  const { up, y, base } = scale({ rows, past, unit, h });
  const same = past.slice(0, rows.length).map(PARTS[unit].paid);
  const prev = same.some(Boolean) ? steps(same, (i) => LEFT + i * slot, y) : '';
  const place = { n: rows.length, left: LEFT, slot, cross: [TOP, h - FOOT] };
  return html`
    <${PlotFrame}
      box=${box}
      w=${w}
      h=${h}
      label=${label}
      ...${place}
      ends
      tip=${(i, x) => html`<${Tip} row=${rows[i]} past=${past[i]} wanted=${wanted} x=${x} w=${w} />`}
      spoken=${(i) => spoken(rows[i], wanted)}
    >
      <${Scale} values=${[0, up / 2, up]} unit=${unit} y=${y} left=${LEFT} w=${w} />
      <${Bars} rows=${rows} unit=${unit} slot=${slot} y=${y} base=${base} />
      <path class="prev" d=${prev} />
      <${Ticks} rows=${rows} wanted=${wanted} slot=${slot} w=${w} h=${h} />
    <//>
  `;
}
