// Where rows of known heights lie in a long list, and which of them a window shows. No drawing.
const SPARE = 10; // rows above and below what is seen
const MOST = 110; // in the page at once, however tall the window

// `tops[i]` is where row i begins; the last entry is the height of all.
export function placeRows(rows, heightOf) {
  const tops = new Array(rows.length + 1);
  tops[0] = 0;
  rows.forEach((row, i) => {
    tops[i + 1] = tops[i] + heightOf(row);
  });
  return tops;
}

// The row that covers `y`.
function rowAt(tops, y) {
  let [low, high] = [0, Math.max(0, tops.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle] <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

// First row, and the one behind the last, of those between `from` and `to` with some to spare.
export function windowOf(tops, from, to) {
  const first = Math.max(0, rowAt(tops, from) - SPARE);
  const end = Math.min(tops.length - 1, rowAt(tops, Math.max(from, to)) + 1 + SPARE);
  return [first, Math.min(end, first + MOST)];
}
