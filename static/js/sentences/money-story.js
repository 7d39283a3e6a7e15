// One line about a refund, or about a decision on a receipt.
import { refundFault } from './faults.js';
import { isFen, money, moneyIn } from '../values/format.js';
import { by, staffWord } from './people.js';
import { has, t, word } from '../words/index.js';

const joined = (...parts) => parts.filter(Boolean).join(' · ');

function share({ amountFen, totalFen }) {
  if (!isFen(amountFen) || !isFen(totalFen)) return '';
  return amountFen === totalFen ? t('say.refund.whole') : t('say.refund.part', { total: money(totalFen) });
}

// `by` is a person who entered it; WeChat told of the others.
const outside = (data) => joined(share(data), t('say.refund.outside'), by(data));
const succeeded = (data) => (data.origin === 'wechat' ? outside(data) : share(data));

// WeChat gives money back that nobody here approved, or that had ended here.
export const isBegun = ({ kind, data }) => kind === 'refund.approved' && data?.status === 'PROCESSING';
function approved(data) {
  if (data.status !== 'PROCESSING') return joined(share(data), by(data));
  return data.origin === 'wechat' ? outside(data) : joined(share(data), t('say.refund.after.all'));
}

function failed(data) {
  const { status, failure } = data;
  if (status === 'REJECTED') {
    return joined(data.by ? t('say.rejected', { by: staffWord(data.by) }) : word('rfd', status), failure);
  }
  return joined(status && word('rfd', status), refundFault(data));
}

// Above the limit the first admin only proposes.
function decided(data) {
  const what = has(`say.receipt.${data.action}`)
    ? t(`say.receipt.${data.action}`, { amount: moneyIn(data.amount ?? data.amountFen, data.currency) })
    : data.action;
  return joined(data.state === 'proposed' ? t('say.proposed', { what }) : what, by(data));
}

export const MONEY_SAY = {
  'refund.requested': (data) => joined(share(data), by(data)),
  'refund.approved': approved,
  'refund.succeeded': succeeded,
  'refund.failed': failed,
  'receipt.decided': decided,
};
