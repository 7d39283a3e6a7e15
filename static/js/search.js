// What a person typed into the order search, cleaned, and what it looks like.
const FULL_WIDTH = /[\uFF01-\uFF5E]/g;

// Full-width characters become plain ones; blanks inside a number go.
export function clean(text) {
  const plain = text.replace(FULL_WIDTH, (char) => String.fromCharCode(char.charCodeAt(0) - 0xFEE0)).replace(/\u3000/g, ' ').trim();
  return /^[\d\s-]+$/.test(plain) && /\d/.test(plain) && !/[A-Za-z_]/.test(plain) && plain.replace(/[\s-]/g, '').length >= 6 ? plain.replace(/\s/g, '') : plain;
}

export function detect(text) {
  if (/^\d{28}$/.test(text) || /^42\d{8,}$/.test(text)) return 'transaction';
  if (/^[0-9A-Za-z_-]{6,32}$/.test(text) && /\d/.test(text) && !/^1[3-9]\d{9}$/.test(text)) return 'order';
  return null;
}

export const isExact = (order, text) => order.orderNum === text || (order.transactionId && order.transactionId === text);
