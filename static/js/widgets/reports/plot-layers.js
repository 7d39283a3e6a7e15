// The layers of the report's chart: its scale, the bars, the names below, the figures of a span.
import { html } from '../../html.js';
import { niceMax } from '../../values/chart-math.js';
import { count, money, percent } from '../../values/format.js';
import { t } from '../../words/index.js';
import { rowName, tickName } from './span-words.js';

export const LEFT = 84;
export const TOP = 10;
export const FOOT = 24;

// The parts of a span in the unit: paid and, among counts, failed above the line; refunds below.
export const PARTS = {
  amount: { paid: (row) => row.paidFen, failed: () => 0, back: (row) => row.refundedFen },
  count: { paid: (row) => row.paidCount, failed: (row) => row.failedCount, back: (row) => row.refundCount },
};
const round = (value, unit) => (unit === 'amount' ? niceMax(value / 100) * 100 : niceMax(value));

export function scale({ rows, past, unit, h }) {
  const { paid, failed, back } = PARTS[unit];
  const up = round(Math.max(0, ...rows.map((row) => paid(row) + failed(row)), ...past.map(paid)), unit);
  const most = Math.max(0, ...rows.map(back));
  const down = most ? Math.max(most, up / 12) : 0;
  const y = (value) => TOP + ((up - value) / (up + down)) * (h - TOP - FOOT);
  return { up, y, base: y(0) };
}

export function Bars({ rows, unit, slot, y, base }) {
  const { paid, failed, back } = PARTS[unit];
  const gap = slot > 6 ? 2 : slot > 3 ? 1 : 0;
  const bar = (kind, x, top, height) =>
    height > 0 && html`<rect class=${kind} x=${x} y=${top} width=${Math.max(1, slot - gap)} height=${height} />`;
  return rows.map((row, i) => {
    const [x, high] = [LEFT + i * slot, y(paid(row))];
    return html`
      <g key=${row.at}>
        ${bar('bar', x, high, base - high)}
        ${bar('bar-failed', x, y(paid(row) + failed(row)), high - y(paid(row) + failed(row)))}
        ${bar('bar-back', x, base, y(-back(row)) - base)}
      </g>
    `;
  });
}

export function Ticks({ rows, wanted, slot, w, h }) {
  const most = Math.max(2, Math.floor((w - LEFT) / (wanted.by === 'hour' && wanted.from !== wanted.to ? 110 : 64)));
  const every = Math.ceil(rows.length / most);
  return rows.map(({ at }, i) => {
    if (i % every || i * slot > w - LEFT - 40) return null;
    const x = LEFT + i * slot + (i ? slot / 2 : 0);
    return html`
      <text key=${at} class="tick" x=${x} y=${h - 6} text-anchor=${i ? 'middle' : 'start'}>
        ${tickName(at, wanted)}
      </text>
    `;
  });
}

export function Tip({ row, past, wanted, x, w }) {
  const { name, more } = rowName(row, wanted);
  const line = (words, value) => html`
    <div>
      <dt>${words}</dt>
      <dd>${value}</dd>
    </div>
  `;
  return html`
    <dl class="tip" style=${x > w / 2 ? { right: `${w - x + 10}px` } : { left: `${x + 10}px` }}>
      <div>
        <dt>
          <b>${name}</b> ${more}
        </dt>
        <dd></dd>
      </div>
      ${line(t('report.col.paid'), `${count(row.paidCount)} · ${money(row.paidFen)}`)}
      ${line(t('report.col.refunded'), `${count(row.refundCount)} · ${money(row.refundedFen)}`)}
      ${row.feeFen !== null && line(t('report.col.fee'), money(row.feeFen))}
      ${line(t('report.col.net'), money(row.netFen))}
      ${line(t('report.col.failed'), `${count(row.failedCount)} · ${percent(row.successRate)}`)}
      ${past && line(t('report.before'), `${count(past.paidCount)} · ${money(past.paidFen)}`)}
    </dl>
  `;
}
