// What went wrong with a deed, in the reader's language; the server's own sentence where we have no words.
import { has, t, word } from '../words/index.js';

// WeChat's reason is a code of its own, its words, or both.
export function wechatWords(text) {
  const code = /^[A-Z_]+/.exec(text ?? '')?.[0];
  return code && has(`wxerr.${code}`) ? word('wxerr', code) : (text ?? '');
}

export function faultWords(error) {
  const { code, words } = error.body?.detail ?? {};
  if (error.code === 'wechat_refused') {
    return t('err.wechat_refused', {
      detail: has(`wxerr.${code}`) ? word('wxerr', code) : [words, code].filter(Boolean).join(' · ') || error.message,
    });
  }
  return has(`err.${error.code}`) ? t(`err.${error.code}`) : error.message || t('error.network');
}
