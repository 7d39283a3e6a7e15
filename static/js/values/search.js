// The text of the order search: cleaned, and what it looks like before the server has
// read it. The server's reading (services/views/query_parser.py) is the one that counts.
const FULL_WIDTH = /[\uFF01-\uFF5E]/g;
const UNSEEN = /[\u200B-\u200D\uFEFF\u202A-\u202E\u2066-\u2069]/g;
const FORCED = /^([a-z ]{2,12}|[\u4e00-\u9fff]{2,6})\s*:\s*\S/i;
const FORCES = {
  phone_prefix: ['手机号', '手机', '电话', 'phone', 'tel', 'mobile'],
  order: ['订单号', '订单', 'order', 'order no'],
  transaction: ['单号', '微信单号', '微信支付单号', '交易单号', 'id', 'wechat', 'wechat id'],
  openid: ['openid'],
  product: ['商品', '商品名', 'product'],
  customer: ['客户', '姓名', '顾客', 'customer', 'name'],
  amount: ['金额', 'amount'],
};
const LONGEST = 800; // as long as an address can be: the server reads a little more
const LONG_NUMBER = /(?=[\w-]*\d)[\w-]{6,}/;
const MONTH_DAY = /(^|\s)\d{1,4}[-/]\d{1,2}([-/ ]|$)/;

export const clean = (text) =>
  text
    .replace(FULL_WIDTH, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
    .replace(UNSEEN, '')
    .trim()
    .slice(0, LONGEST);

function forced(text) {
  const found = FORCED.exec(text);
  return found && Object.keys(FORCES).find((kind) => FORCES[kind].includes(found[1].trim().toLowerCase()));
}

function digitsOf(text) {
  if (/^\d{28}$/.test(text) || /^42\d{8,}$/.test(text)) return 'transaction';
  if (/^(\+?86)?1[3-9]\d{9}$/.test(text)) return 'phone';
  if (/^1[3-9]\d{1,8}$/.test(text)) return 'phone_prefix';
  if (/^\d{6,}$/.test(text)) return 'order';
  return /^\d+$/.test(text) ? 'amount' : null;
}

// The word of the server's for what the text looks like; null where only the server can tell.
export function detect(text) {
  const asked = forced(text);
  if (asked) return asked;
  if (
    /^1[3-9]\d\*+\d{4}$/.test(text) ||
    /^((手机|电话)?(尾号|末四位|后四位|尾数)|ending( in)?|last (four|4)|tail|\*+)\s*:?\s*\d{4}$/i.test(text)
  ) {
    return 'phone_tail';
  }
  const number = MONTH_DAY.test(text) ? null : digitsOf(text.replace(/[\s-]/g, ''));
  if (number) return number;
  if (/^o[\w-]{5,27}$/.test(text)) return 'openid';
  if (/^[\w-]{6,}$/.test(text) && /\d/.test(text) && !/[ap]m$/i.test(text) && !MONTH_DAY.test(text)) return 'order';
  return /^[¥￥]?\s*[\d,]+(\.\d{1,2})?\s*(元|块钱?|yuan|rmb|cny)?$/i.test(text) && /\d/.test(text) ? 'amount' : null;
}

// A number that is only complete as a whole: pasted, it opens its order.
export const isNumber = (text) => ['order', 'transaction'].includes(detect(text));

// A pasted text in which there may be the number of an order: a number, a receipt, several lines.
export const hasNumber = (text) => isNumber(text) || LONG_NUMBER.test(text);

// Puts what was pasted into a box of one line, which would drop the ends of lines and glue numbers
// together; also where the box had not the focus.
export function pasteLines(box, event) {
  const text = (event.clipboardData?.getData('text') ?? '').trim();
  if (!text || (event.target === box && !/[\r\n]/.test(text))) return;
  event.preventDefault();
  box.setRangeText(text.replace(/[\r\n]+/g, '\t').slice(0, LONGEST), box.selectionStart, box.selectionEnd, 'end');
  box.dispatchEvent(new Event('input', { bubbles: true }));
}
