// Reads typed yuan as fen: digit by digit, never through a float.
const PLAIN = /^(\d{1,10})(?:\.(\d{1,2}))?$/;
const GROUPED = /^\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?$/;
const FULL_WIDTH = /[\uFF0C\uFF0E\uFF10-\uFF19\uFFE5]/g;
const HALF = { '\uFF0C': ',', '\uFF0E': '.', '\uFFE5': '¥' };

// Null for what is not an amount: 0.005, 1e3, a lone point, a comma that does not group thousands.
export function fenOf(text) {
  const half = text.replace(FULL_WIDTH, (char) => HALF[char] ?? String.fromCharCode(char.charCodeAt(0) - 0xfee0));
  const bare = half.trim().replace(/^¥\s*/, '');
  const found = PLAIN.exec(GROUPED.test(bare) ? bare.replaceAll(',', '') : bare);
  return found ? Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0')) : null;
}

export const yuanOf = (fen) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
