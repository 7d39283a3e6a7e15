// The error of an action in the reader's language; the server's sentence where the words have none.
import { has, t, word } from '../words/index.js';

// Why a refund did not go: WeChat's code in our words, else WeChat's own words; or a person's note.
export const refundFault = ({ failureCode, failure }) =>
  has(`wxerr.${failureCode}`) ? word('wxerr', failureCode) : (failure ?? '');

export function faultWords(error) {
  const { code, words } = error.body?.detail ?? {};
  if (error.code === 'wechat_refused') {
    return t('err.wechat_refused', {
      detail: has(`wxerr.${code}`) ? word('wxerr', code) : [words, code].filter(Boolean).join(' · ') || error.message,
    });
  }
  return has(`err.${error.code}`) ? t(`err.${error.code}`) : error.message || t('error.network');
}
