// The buyer reads the reason of a refund at WeChat, so it is kept and sent in Chinese, whatever the clerk reads.
// The part of it that was chosen is shown in the reader's language; what somebody wrote stays as it was written.
const CHOSEN = { cancelled: '客户取消预约', unserved: '服务未提供', twice: '重复付款', amount: '金额有误' };
const BY_PRODUCT = {
  late: '订单已关闭,退回付款',
  paid_twice: '重复付款,退回',
  wrong_amount: '付款金额不符,退回',
  unknown_order: '订单不存在,退回付款',
  returned: '退回付款',
};
// Refunds of before are kept in the clerk's language.
const EARLIER = {
  cancelled: 'Customer cancelled',
  unserved: 'Not provided',
  twice: 'Paid twice',
  amount: 'Wrong amount',
};
const KNOWN = [CHOSEN, BY_PRODUCT, EARLIER].flatMap((texts) => Object.entries(texts));

// Of a choice and a note; 'other' has only its note.
export function writeReason({ reason, note }) {
  const said = note.trim();
  const chosen = CHOSEN[reason];
  return chosen && said ? `${chosen}：${said}` : (chosen ?? said);
}

// {code, note}: the code of the part that was chosen, null where all of it was written.
export function readReason(text) {
  for (const [code, chosen] of KNOWN) {
    if (text === chosen) return { code, note: '' };
    const mark = [`${chosen}：`, `${chosen}: `].find((start) => text.startsWith(start));
    if (mark) return { code, note: text.slice(mark.length) };
  }
  return { code: null, note: text };
}
