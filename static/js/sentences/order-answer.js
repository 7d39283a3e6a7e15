// The sentences about an order for the staff, from the server's code and values. Those for the customer come from
// the server: the buyer's page says the same.
import { kindWord, tradeWord, valueText } from './explain.js';
import { refundFault } from './faults.js';
import { isFen, isoTime, money, NONE } from '../values/format.js';
import { staffWord } from './people.js';
import { alertPath, receiptPath } from '../router.js';
import { has, t } from '../words/index.js';

export const LANGUAGES = [
  ['zh-CN', 'zh'],
  ['en', 'en'],
];

const LOOKS = {
  never_opened: ['created', 'ink'],
  payment_unknown: ['pending', 'warn'],
  not_paid: ['pending', 'warn'],
  expired: ['pending', 'warn'],
  prepay_refused: ['failed', 'crit'],
  prepay_unanswered: ['high', 'high'],
  payment_failed: ['failed', 'crit'],
  amount_mismatch: ['critical', 'crit'],
  negative_total: ['critical', 'crit'],
  foreign_merchant: ['critical', 'crit'],
  notify_incomplete: ['medium', 'warn'],
  odd_result: ['high', 'high'],
  bad_signature: ['high', 'high'],
  late_money: ['high', 'high'],
  early_money: ['high', 'high'],
  number_used_before: ['high', 'high'],
  paid_twice: ['high', 'high'],
  reused_transaction: ['high', 'high'],
  closed_expired: ['closed', 'quiet'],
  closed: ['closed', 'quiet'],
  refund_requested: ['pending', 'warn'],
  refund_sent: ['refunding', 'vio'],
  refund_underway: ['refunding', 'vio'],
  refund_stuck: ['high', 'high'],
  refund_refused: ['failed', 'crit'],
  refund_closed: ['failed', 'crit'],
  refund_rejected: ['closed', 'quiet'],
  refund_ended: ['closed', 'quiet'],
  refund_settled: ['refund', 'vio'],
  refund_anomaly: ['high', 'high'],
  refund_unlisted: ['high', 'high'],
  partly_refunded: ['partial', 'vio'],
  partly_refunded_outside: ['partial', 'vio'],
  refunded: ['refund', 'vio'],
  refunded_outside: ['refund', 'vio'],
  waiting_service: ['paid', 'ok'],
  in_service: ['headset', 'accent'],
  served: ['paid', 'ok'],
  service_cancelled: ['closed', 'quiet'],
};
const OVER = ['refunded', 'accepted'];
// The glyph and the tone of the sentence; what is decided to the end is quiet.
export const lookOf = ({ code, receiptState }) =>
  OVER.includes(receiptState) ? ['closed', 'quiet'] : (LOOKS[code] ?? ['low', 'ink']);

// Minutes are enough for a customer; the year only where it is not this one.
function minute(at, now) {
  const text = at ? isoTime(at) : NONE;
  if (text === NONE) return NONE;
  const year = text.slice(0, 4) === isoTime(now).slice(0, 4) ? '' : `${text.slice(0, 4)}-`;
  return `${year}${text.slice(5, 10)} ${text.slice(11, 16)}`;
}

function valuesOf({ order, why }, now) {
  return {
    amount: money(order.totalFen),
    money: money(why.amountFen ?? order.totalFen),
    refunded: money(order.refundedFen),
    created: minute(order.createdAt, now),
    paid: minute(order.wechatPaidAt ?? order.paidAt, now), // the buyer's own moment
    expires: minute(order.expiresAt, now),
    time: minute(why.at, now),
    currency: why.actual ?? NONE,
    earlier: minute(why.code === 'number_used_before' && why.actual, now),
  };
}

// An amount in another currency is no other amount.
const spokenOf = ({ code, expected, actual }) =>
  code === 'amount_mismatch' && expected === 'CNY' && !isFen(actual) ? 'currency_differs' : code;

// What becomes of the money, or what is to be done next, may change what is said.
function keyOf(part, why) {
  const plain = `ans.${spokenOf(why)}.${part}`;
  return [`${plain}.${why.receiptState}`, `${plain}.${why.next}`].find(has) ?? plain;
}

// A code means one thing for a payment and another for a refund: NOTENOUGH is the buyer's balance, or ours.
function wechatSaid({ wechatCode, words, refundNum }) {
  if (refundNum || !wechatCode) return refundFault({ failureCode: wechatCode, failure: words }) || NONE;
  return [has(`payerr.${wechatCode}`) ? t(`payerr.${wechatCode}`) : words, wechatCode].filter(Boolean).join(' · ');
}

export function stateWords(found, now) {
  const { why } = found;
  return t(keyOf('state', why), { ...valuesOf(found, now), trade: tradeWord(why.words), wechat: wechatSaid(why) });
}

const shown = (value, kind) => (has(`chk.${value}`) ? t(`chk.${value}`) : valueText(value, kind));

// Which check, what it expected and what came; null where nothing was compared.
export function checkOf({ why }) {
  if (!has(`chk.${why.code}`) || (why.expected === null && why.actual === null)) return null;
  const missing = why.code === 'notify_incomplete';
  return {
    name: t(`chk.${why.code}`),
    expected: shown(why.expected, why.code),
    actual: missing ? t('chk.nothing') : shown(why.actual, why.code),
  };
}

// Where the next step is taken; null where the page itself offers it.
export function wayOf({ why }) {
  if (why.receiptId) return { href: receiptPath(why.receiptId), words: t('next.see.receipt') };
  return why.alertId ? { href: alertPath(why.alertId), words: t('next.see.alert') } : null;
}

// A step that only an admin may take is worded as a request to an admin; `may` says what the reader may do.
const RIGHTS = {
  decide_receipt: 'decideReceipt',
  decide_refund: 'decideRefund',
  enter_outside_refund: 'enterRefund',
};
export function nextWords({ why }, may) {
  const right = RIGHTS[why.next];
  const key = right && !may(right) ? `next.${why.next}.ask` : `next.${why.next}`;
  return has(key) ? t(key) : '';
}

export function noteWordsOf({ code, count, by, wechatCode, words, kind }) {
  const values = {
    n: count,
    by: by ? staffWord(by) : NONE,
    words: wechatSaid({ wechatCode, words }),
    kind: kind ? kindWord(kind) : NONE,
  };
  return has(`nb.${code}`) ? t(`nb.${code}`, values) : code;
}

// WeChat's code of a bank names the bank and the kind of card.
export function bankWords(code) {
  const [, bank, card] = /^([A-Z0-9]+?)(?:_(DEBIT|CREDIT))?$/.exec(code ?? '') ?? [];
  if (!bank) return code ?? NONE;
  const name = has(`bank.${bank}`) ? t(`bank.${bank}`) : bank;
  return card ? t(`bank.${card}`, { bank: name }) : name;
}
