// Numbers and times as people read them. Money stays an integer of fen up to the last step.
import { lang, t } from '../words/index.js';

export const NONE = '—';
const MINUS = '\u2212';
const ZONE_MS = 8 * 3600 * 1000; // Asia/Shanghai, which has no summer time

const group = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',');
const pad = (n, width = 2) => String(n).padStart(width, '0');

export const isFen = (value) => Number.isSafeInteger(value);

export function yuanParts(fen) {
  const whole = Math.abs(fen);
  const cents = whole % 100;
  return { sign: fen < 0 ? MINUS : '', yuan: group(String((whole - cents) / 100)), cents: pad(cents) };
}

export function money(fen) {
  if (!isFen(fen)) return NONE;
  const { sign, yuan, cents } = yuanParts(fen);
  return `${sign}¥${yuan}.${cents}`;
}

// An amount in the smallest unit of a currency; the browser knows how many of them make one.
export function moneyIn(amount, currency = 'CNY') {
  if (currency === 'CNY' || !isFen(amount)) return money(amount);
  try {
    const style = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
    return style.format(amount / 10 ** style.resolvedOptions().maximumFractionDigits).replace('\u00a0', ' ');
  } catch {
    return `${currency} ${count(amount)}`; // no currency that anybody knows
  }
}

export const signedMoney = (fen) => (isFen(fen) && fen > 0 ? `+${money(fen)}` : money(fen));
export const count = (n) =>
  Number.isFinite(n) ? `${n < 0 ? MINUS : ''}${group(String(Math.abs(Math.round(n))))}` : NONE;
export const percent = (share, digits = 1) => (Number.isFinite(share) ? `${(share * 100).toFixed(digits)}%` : NONE);

// Only for the big figure of the monitor: from 100 million yuan on a short form.
export function shortMoney(fen) {
  if (!isFen(fen) || Math.abs(fen) < 1e9) return null;
  const yuan = Math.abs(fen) / 100;
  const sign = fen < 0 ? MINUS : '';
  if (yuan < 1e8) return `${sign}¥${group(String(Math.floor(yuan)))}`;
  const unit = lang.value === 'en' ? 1e6 : 1e8;
  return `${sign}¥${t('money.yi', { n: (yuan / unit).toFixed(lang.value === 'en' ? 0 : 2) })}`;
}

function shanghai(at) {
  const ms = typeof at === 'number' ? at : Date.parse(at);
  return Number.isFinite(ms) ? new Date(ms + ZONE_MS) : null;
}

const hms = (d) => `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`;
const monthDay = (d) => `${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`;
const shown = (at, how) => {
  const date = shanghai(at);
  return date ? how(date) : NONE;
};

export const clock = (at) => shown(at, hms);
export const clockMinute = (at) => shown(at, (d) => hms(d).slice(0, 5));
export const clockMs = (at) => shown(at, (d) => `${hms(d)}.${pad(d.getUTCMilliseconds(), 3)}`);
const stampOf = (d) => `${d.getUTCFullYear()}-${monthDay(d)} ${hms(d)}`;
// This computer's own time beside it, where its zone is another.
function ownTime(d) {
  const real = new Date(d.getTime() - ZONE_MS);
  const aheadMs = -real.getTimezoneOffset() * 60000;
  return aheadMs === ZONE_MS ? '' : ` · ${t('time.own', { time: stampOf(new Date(real.getTime() + aheadMs)) })}`;
}
export const fullTime = (at) => shown(at, (d) => `${stampOf(d)} +08:00${ownTime(d)}`);
export const dayTime = (at) => shown(at, stampOf);
export const isoTime = (at) => shown(at, (d) => d.toISOString().replace('Z', '+08:00'));

// Lists: the same day needs no date, the same year no year.
export function stamp(at, now) {
  return shown(at, (d) => {
    const today = shanghai(now);
    if (d.toISOString().slice(0, 10) === today.toISOString().slice(0, 10)) return hms(d);
    const year = d.getUTCFullYear() === today.getUTCFullYear() ? '' : `${d.getUTCFullYear()}-`;
    return `${year}${monthDay(d)} ${hms(d)}`;
  });
}

export function age(at, now) {
  const seconds = Math.floor((now - Date.parse(at)) / 1000);
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 1) return t('age.now');
  if (seconds < 60) return t('age.s', { n: seconds });
  if (seconds < 3600) return t('age.m', { n: Math.floor(seconds / 60) });
  if (seconds < 86400) return t('age.h', { n: Math.floor(seconds / 3600) });
  return shown(at, monthDay);
}

export function duration(ms) {
  if (!Number.isFinite(ms)) return NONE;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
  return span(ms);
}

// Whole units, for "lost for …" and "oldest …".
export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return t('dur.s', { n: s });
  if (s < 600) return t('dur.ms', { m: Math.floor(s / 60), s: s % 60 });
  if (s < 3600) return t('dur.m', { n: Math.floor(s / 60) });
  if (s < 86400) return t('dur.hm', { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
  return t('dur.d', { n: Math.floor(s / 86400) });
}

// Masks for the rare value that arrives unmasked; what is masked already stays as it is.
export function masked(text, head, tail) {
  if (!text || text.includes('*') || text.length <= head + tail) return text || NONE;
  return `${text.slice(0, head)}****${text.slice(-tail)}`;
}
export const maskOpenId = (text) => masked(text, 6, 4);
export const maskPhone = (text) => masked(text, 3, 4);
