// Geometry of the payments chart; no drawing.
export const RATE_FLOOR = 0.7;
export const RATE_GOAL = 0.95;

const STEPS = [1, 2, 4, 5, 10];
// Up to the next of 10, 20, 40, 50, 100, 200 …, so that half of it is a round tick too.
export function niceMax(value) {
  let scale = 1;
  for (;;) {
    for (const step of STEPS) if (step * scale * 2 >= value && step * scale * 2 >= 10) return step * scale * 2;
    scale *= 10;
  }
}

export const rateOf = ({ paidCount = 0, failedCount = 0 }) =>
  paidCount + failedCount ? paidCount / (paidCount + failedCount) : null;

export function bars(minutes, unit, { left, width, top, height }) {
  const value = (minute) => (unit === 'amount' ? minute.paidFen : minute.paidCount) ?? 0;
  const failed = (minute) => (unit === 'amount' ? 0 : (minute.failedCount ?? 0));
  return { value, failed, slot: width / Math.max(1, minutes.length), left, top, height };
}

export function scaleFor(minutes, before, { value, failed }) {
  const highest = Math.max(0, ...minutes.map((minute) => value(minute) + failed(minute)), ...before.map(value));
  return niceMax(highest);
}

// The dashed line of yesterday: a step per minute.
export function steps(values, x, y) {
  return values
    .map((value, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}H${x(i + 1).toFixed(1)}`)
    .join('');
}

// The minute that still runs does not count: its first payments say little.
export function lowest(minutes) {
  let found = null;
  minutes.slice(0, -1).forEach((minute, i) => {
    const rate = rateOf(minute);
    if (rate !== null && rate < RATE_GOAL && (!found || rate < found.rate)) found = { i, rate, at: minute.at };
  });
  return found;
}

export function totals(minutes) {
  const sum = (name) => minutes.reduce((all, minute) => all + (minute[name] ?? 0), 0);
  const busiest = minutes.reduce(
    (best, minute) => ((minute.paidCount ?? 0) > (best?.paidCount ?? -1) ? minute : best),
    null,
  );
  return { paid: sum('paidCount'), failed: sum('failedCount'), paidFen: sum('paidFen'), busiest };
}
