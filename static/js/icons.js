// Drawn for this project: 16x16, stroked with the colour of the text around them.
// Each icon is a list of [tag, attributes]; no markup text, so nothing is ever parsed as HTML.
import { h } from 'preact';

const p = (d, more) => ['path', { d, ...more }];
const c = (cx, cy, r, more) => ['circle', { cx, cy, r, ...more }];
const r = (x, y, w, height, rx) => ['rect', { x, y, width: w, height, rx }];
const FILL = { fill: 'currentColor', stroke: 'none' };
const HOLE = { fill: 'var(--surface)', stroke: 'none' };
const cut = (width) => ({ stroke: 'var(--surface)', 'stroke-width': width });
const ring = (more) => c(8, 8, 5.8, more);
const BACK = 'M10.5 10V8.8A1.8 1.8 0 0 0 8.7 7H5.5M7 5.3 5.3 7 7 8.7';
const DASHED = { 'stroke-dasharray': '2.2 1.8' };
const BOLD = { 'stroke-width': 2 };

const ICONS = {
  monitor: [p('M1.5 8.5h3l2-5 3 9 2-5.5 1 1.5h2')],
  bell: [p('M8 2a4 4 0 0 0-4 4c0 3.5-1.5 5-1.5 5h11S12 9.5 12 6a4 4 0 0 0-4-4zM6.5 13.5a1.6 1.6 0 0 0 3 0')],
  search: [c(7, 7, 4.5), p('m10.5 10.5 3.5 3.5')],
  scale: [p('M8 2v12M4.5 14h7M2.5 4.5h11M4 4.5 2 9.5h4zM12 4.5l-2 5h4z')],
  user: [c(8, 5.5, 2.7), p('M2.8 14c.5-3 2.6-4.3 5.2-4.3s4.7 1.3 5.2 4.3')],
  swap: [p('M3 5.5h9l-2.5-2.5M13 10.5H4L6.5 13')],
  users: [
    c(6, 5.5, 2.4),
    p('M1.5 13.5c.4-2.7 2.2-3.9 4.5-3.9s4.1 1.2 4.5 3.9M10.5 3.3a2.3 2.3 0 0 1 0 4.4M12 9.9c1.5.5 2.3 1.8 2.5 3.6'),
  ],
  log: [p('M3.5 2h6l3 3v9h-9zM9.5 2v3h3M5.5 8h5M5.5 10.7h5')],
  sun: [
    c(8, 8, 2.8),
    p('M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9'),
  ],
  moon: [p('M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z')],
  pause: [p('M5.5 3.5v9M10.5 3.5v9', BOLD)],
  play: [p('M5 3.2v9.6l7.5-4.8z', { fill: 'currentColor' })],
  filter: [p('M2 4h12M4.5 8h7M6.5 12h3')],
  down: [p('m4 6 4 4 4-4')],
  right: [p('m6 4 4 4-4 4')],
  left: [p('m10 4-4 4 4 4')],
  upward: [p('m4 10 4-4 4 4')],
  up: [p('M8 13V3M4 7l4-4 4 4')],
  x: [p('m4 4 8 8M12 4l-8 8')],
  check: [p('m3 8.5 3.2 3.2L13 5')],
  copy: [r(5.5, 5.5, 8, 8, 1.5), p('M3.5 10.5h-1v-8h8v1')],
  link: [p('M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.3 4.3L11.5 8.8M9 11.5 7.5 13a3 3 0 0 1-4.3-4.3L4.5 7.2')],
  download: [p('M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11')],
  bars: [p('M2 13.5h12M4 11V8M8 11V3M12 11V6')],
  calendar: [r(2.5, 3, 11, 10.5, 1.5), p('M2.5 6.5h11M5.5 1.5v3M10.5 1.5v3')],
  menu: [p('M2 4.5h12M2 8h12M2 11.5h12')],
  replay: [p('M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3')],
  key: [c(5, 11, 2.6), p('m7 9 6-6M11 5l2 2')],
  clock: [c(8, 8, 6), p('M8 4.5V8l2.5 1.5')],
  plug: [p('M5.5 2v3M10.5 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14')],
  unplug: [p('M2 2l12 12M5.5 2v1M10.5 2v3M12 5v2.5c0 .9-.3 1.7-.8 2.4M7.5 5H12M4 5v2.5a4 4 0 0 0 5 3.9M8 11.5V14')],
  zap: [p('M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z')],
  lock: [r(3.5, 7, 9, 6.5, 1.5), p('M5.5 7V5a2.5 2.5 0 0 1 5 0v2')],
  eye: [p('M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z'), c(8, 8, 2)],
  headset: [p('M3 10V8a5 5 0 0 1 10 0v2M3 9h1.5v3.5H3zM11.5 9H13v3.5h-1.5zM12.5 12.5c0 1-1.5 1.5-3.5 1.5')],
  note: [p('M2.5 3h11v8h-6L4.5 14v-3h-2z')],
  flask: [p('M6 2h4M6.5 2v4L3 12.5a1 1 0 0 0 .9 1.5h8.2a1 1 0 0 0 .9-1.5L9.5 6V2M4.8 10h6.4')],
  layers: [p('m8 2 6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3')],
  gear: [c(8, 8, 2.2), p('M8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4')],
  paid: [c(8, 8, 6.5, FILL), p('m5 8.2 2.1 2.1L11 6.2', cut(1.7))],
  pending: [ring(), p('M8 4.8V8l2.2 1.3')],
  failed: [ring(), p('m5.8 5.8 4.4 4.4M10.2 5.8l-4.4 4.4')],
  closed: [ring(), p('M5 8h6')],
  created: [ring(DASHED), p('M8 5.5v5M5.5 8h5')],
  refund: [ring(), p(BACK)],
  refunding: [ring(DASHED), p(BACK)],
  partial: [ring(), p('M8 2.2a5.8 5.8 0 0 1 0 11.6z', { fill: 'currentColor' })],
  open: [c(8, 8, 5.4, BOLD)],
  half: [c(8, 8, 5.4, BOLD), p('M8 4.6a3.4 3.4 0 0 1 0 6.8z', FILL)],
  dup: [r(5.5, 5.5, 8, 8, 1.5), p('M10.5 3v-.5h-8v8H3')],
  critical: [
    p('M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z', FILL),
    p('M8 4.6v4', cut(1.8)),
    c(8, 11.1, 1, HOLE),
  ],
  high: [p('M8 1.5 15 14H1z', FILL), p('M8 6v3.6', cut(1.6)), c(8, 11.7, 0.9, HOLE)],
  medium: [p('M8 1.7 14.3 8 8 14.3 1.7 8z'), p('M8 5v3.5', { 'stroke-width': 1.6 }), c(8, 10.6, 0.8, FILL)],
  low: [c(8, 8, 6), p('M8 7.3v3.7'), c(8, 5, 0.8, FILL)],
  live: [c(8, 8, 3.5, FILL), c(8, 8, 6.3, { 'stroke-opacity': 0.4 })],
};
ICONS.info = ICONS.low;

export function Icon({ name, size = 16, tone }) {
  const shapes = ICONS[name] ?? ICONS.low;
  return h(
    'svg',
    {
      viewBox: '0 0 16 16',
      width: size,
      height: size,
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.4,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
      'aria-hidden': 'true',
      class: tone && `tone-${tone}`,
    },
    shapes.map(([tag, attributes]) => h(tag, attributes)),
  );
}
