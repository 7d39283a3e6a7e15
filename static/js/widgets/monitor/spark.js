// 72x26 pixels of the last hour: today solid with an end dot, yesterday dashed.
import { html } from '../../html.js';

const W = 72;
const H = 26;
const PAD = 3;

function line(values, low, high) {
  const step = (W - 2 * PAD) / Math.max(1, values.length - 1);
  const y = (value) => H - PAD - ((value - low) / (high - low || 1)) * (H - 2 * PAD);
  return values.map((value, i) => (value === null ? null : [PAD + i * step, y(value)])).filter(Boolean);
}
const path = (points) => points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

// A value that is null is not known: the line goes on past it.
export function Spark({ now, was = [], faded }) {
  const known = [...now, ...was].filter((value) => value !== null);
  if (!now.some((value) => value !== null)) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const today = line(now, low, high);
  const end = today.at(-1);
  return html`
    <svg class="spark ${faded ? 'faded' : ''}" viewBox="0 0 ${W} ${H}" width=${W} height=${H} aria-hidden="true">
      <path class="spark-was" d=${path(line(was, low, high))} />
      <path class="spark-now" d=${path(today)} />
      ${end && html`<circle class="spark-end" cx=${end[0]} cy=${end[1]} r="2" />`}
    </svg>
  `;
}
