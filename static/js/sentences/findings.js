// Which of the sentences of a kind fits a finding, and what its two sides are in words.
import { isFen, masked, money, NONE } from '../values/format.js';
import { has, t } from '../words/index.js';

export const bothAmounts = ({ expected, actual }) => isFen(expected) && isFen(actual);

const BOOKS = { refund_anomaly: ['rfd'], system: ['sys', 'rfd'] };
const STATES = ['pay', 'wx', 'svc', 'sig'];
const IDS = /^mch_id (\S+), appid (\S+)$/;

// WeChat's 28 digits are told apart by their ends.
export const shortId = (text) => (/^\d{20,}$/.test(text ?? '') ? masked(text, 8, 4) : text);
const mchId = (text) => masked(text, 4, 2);
const appId = (text) => masked(text, 4, 4);
const bothIds = ([, mch, app]) => [mch === '-' ? NONE : mchId(mch), app === '-' ? NONE : appId(app)];

// A value that a rule compares: an amount in fen, a state, what a signature is, or whatever the sender wrote.
// A word may mean another thing for a refund: its SUCCESS is not a payment's.
export function valueText(value, kind) {
  if (value === null || value === undefined || value === '') return NONE;
  if (isFen(value)) return money(value);
  const book = (BOOKS[kind] ?? STATES).find((prefix) => has(`${prefix}.${value}`));
  if (book) return t(`${book}.${value}`);
  const ids = kind === 'foreign_merchant' ? IDS.exec(value) : null;
  return ids ? bothIds(ids).join(' · ') : String(value);
}

export const fieldOf = (alert, ...names) => alert.evidence?.fields?.find(({ name }) => names.includes(name));
export const amountOf = (alert) =>
  isFen(alert.actual) ? alert.actual : (fieldOf(alert, 'total_fee', 'amount.total')?.wechat ?? alert.amountFen);

// Both sides, short, in the words of a list: never empty where something can be said.
export function sides(alert) {
  const { kind, expected, actual } = alert;
  if (kind === 'foreign_merchant') return foreign(alert).values;
  if (kind === 'missing_order') return { expected: t('side.no_order'), actual: valueText(amountOf(alert)) };
  if (kind === 'system' && !expected) return { expected: t('side.healthy'), actual: valueText(actual, kind) };
  if (kind === 'system' && !actual) return { expected: valueText(expected, kind), actual: t('side.absent') };
  return { expected: shortId(valueText(expected, kind)), actual: shortId(valueText(actual, kind)) };
}

// Which part is not ours, and only that part.
function foreign({ expected, actual }) {
  const [ours, theirs] = [IDS.exec(expected ?? ''), IDS.exec(actual ?? '')];
  if (!ours || !theirs) return { variant: '.mch', values: { expected: mchId(expected), actual: mchId(actual) } };
  const at = ours[1] === theirs[1] ? 1 : 0;
  return { variant: at ? '.app' : '.mch', values: { expected: bothIds(ours)[at], actual: bothIds(theirs)[at] } };
}

function mismatch(alert) {
  if (bothAmounts(alert)) return alert.actual < alert.expected ? '.short' : '.over';
  if (/^[A-Z]{3}$/.test(alert.expected ?? '')) return '.currency';
  return alert.actual === null || alert.actual === undefined ? '.none' : '';
}

// Late money names the state of the order; the others name what was used twice, or an odd result.
function transition({ expected, actual, orderNum }, { amount, message }) {
  if (/^Given back/.test(message)) return '.back';
  if (has(`pay.${expected}`)) return amount === NONE ? '.noamount' : '';
  if (expected === 'SUCCESS') return '.odd';
  return expected === orderNum && actual ? '.reused' : '.twice';
}

// Amounts that differ have a plain sentence; the others tell of a state, or of a refund that is not ours.
function refund(alert) {
  if (bothAmounts(alert)) return alert.actual > alert.expected ? '.more' : '.less';
  if (['CHANGE', 'ABNORMAL'].includes(alert.actual)) return '.stuck';
  if (alert.actual === 'REFUNDNOTEXIST') return '.gone';
  return has(`rfd.${alert.expected}`) ? '.state' : '.unknown';
}

const SIGNATURE = { stale: '.stale', unknown_serial: '.serial', 'by a key that is not known': '.serial' };
const signature = ({ actual }, source) => (source === 'wechat answer' ? '.answer' : (SIGNATURE[actual] ?? ''));

const CAUSES = {
  away: 'redis',
  'not usable': 'client',
  'not valid': 'tls',
  busy: 'slow',
  'not configured': 'account',
  SIGNERROR: 'key',
  NOAUTH: 'noauth',
  APPID_NOT_EXIST: 'appid',
  MCHID_NOT_EXIST: 'mchid',
  APPID_MCHID_NOT_MATCH: 'pair',
  wechat_unreachable: 'silent',
  wechat_untrusted: 'silent',
};
// What our own sentences say, with the numbers in them.
const SAID = [
  ['keys', /^No key of WeChat's is known for account (?<account>[^,]+)/],
  ['refusing', /^WeChat refuses every question/],
  ['redis', /^Redis\b/],
  ['account', /^Account (?<account>\S+) has open/],
  ['late', /Notify p95 is (?<p95>[\d.]+ s) over five minutes, the limit (?<limit>[\d.]+ s)/],
  ['nonews', /No notify for (?<minutes>\d+) min/],
  [
    'failing',
    /Success is (?<rate>\d+%) over five minutes \((?<paid>\d+) paid, (?<failed>\d+) failed\), below (?<limit>\d+%)/,
  ],
  ['cert', /WeChat's platform certificate of account (?<account>\S+) ends in (?<days>\d+) days/],
  ['owncert', /Our API certificate of account (?<account>\S+) ends in (?<days>\d+) days/],
];
function system({ expected, actual }, message) {
  if (expected) return { variant: expected === 'SUCCESS' ? '.refund' : '.incomplete' };
  const [name, values] = SAID.map(([cause, pattern]) => [cause, pattern.exec(message)]).find(([, hit]) => hit) ?? [
    CAUSES[actual],
  ];
  return { variant: name ? `.${name}` : '', values: values?.groups ?? {} };
}

const PLAIN = { amount_mismatch: mismatch, refund_anomaly: refund };

// The ending of the key, and the values that it needs other than they came.
export function variantOf(alert, plain) {
  const { kind } = alert;
  const { message, source } = plain;
  if (kind === 'foreign_merchant') return foreign(alert);
  if (kind === 'illegal_transition') return { variant: transition(alert, plain) };
  if (kind === 'bad_signature') return { variant: signature(alert, source) };
  if (kind === 'system') return system(alert, message);
  return { variant: PLAIN[kind]?.(alert) ?? '' };
}
