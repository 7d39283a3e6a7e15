// Refunds: what may still be refunded, and the deeds about one.
import { post } from '../../http.js';
import { confirmed } from '../people/confirm-password.js';

export const UNDER_WAY = ['APPROVED', 'PROCESSING', 'ABNORMAL'];
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'; // 32 that nobody confuses
const ZONE_MS = 8 * 3600 * 1000;

// Made when the dialog opens and kept by every repeat, so that no double click refunds twice.
export function newRefundNum(now) {
  const time = new Date(now + ZONE_MS).toISOString().replace(/\D/g, '').slice(2, 14);
  const chance = crypto.getRandomValues(new Uint8Array(8));
  return `RF${time}${Array.from(chance, (byte) => ALPHABET[byte % 32]).join('')}`;
}

// Ended while WeChat held its money: the customer has got the amount another way, so it is not refunded again.
export const wasAbnormal = ({ status, endedFrom }) => status === 'ENDED' && endedFrom === 'ABNORMAL';

// In fen. The refund of a receipt is of another payment, and takes nothing from the order's.
export function sumsOf(order, refunds) {
  const own = refunds.filter((refund) => !refund.receiptId);
  const sumIf = (counts) => own.filter(counts).reduce((total, { amountFen }) => total + amountFen, 0);
  const sum = (states) => sumIf(({ status }) => states.includes(status));
  const paid = order.paidFen ?? 0;
  const [refunded, underWay, requested] = [sum(['SUCCESS']), sum(UNDER_WAY), sum(['REQUESTED'])];
  const elsewhere = sumIf(wasAbnormal);
  const left = paid - refunded - underWay - requested - elsewhere;
  return { paid, refunded, underWay, requested, refundable: Math.max(0, left) };
}

// Refunds of one order that the same person asked for and approved are added up, as on the server.
export function needsSecond(refunds, name, fen, limitFen) {
  const alone = refunds.filter(
    (refund) =>
      !refund.receiptId &&
      refund.requestedBy === name &&
      refund.decidedBy === name &&
      ([...UNDER_WAY, 'SUCCESS'].includes(refund.status) || wasAbnormal(refund)),
  );
  return alone.reduce((total, { amountFen }) => total + amountFen, fen) >= limitFen;
}

const path = (refund, deed) => `refunds/${encodeURIComponent(refund.refundNum)}/${deed}`;
const send = (address, body) => confirmed(() => post(address, body));

export const requestRefund = (order, words) => send(`orders/${encodeURIComponent(order.orderNum)}/refunds`, words);
export const enterOutsideRefund = (order, words) =>
  send(`orders/${encodeURIComponent(order.orderNum)}/outside-refunds`, words);
export const decideRefund = (refund, deed, note) => send(path(refund, deed), { note });
export const endRefund = (refund, reason) => send(path(refund, 'end'), { reason });
export const payMerchant = (refund) => send(path(refund, 'abnormal'), { to: 'MERCHANT_BANK_CARD' });
export const askRefund = (refund) => post(path(refund, 'ask'));
