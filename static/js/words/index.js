// t('key', {name: value}) in the language of the moment. A component that calls it renders
// again when the language changes, because it reads the `lang` signal.
import { signal } from '@preact/signals';
import { html } from '../html.js';
import zh from './zh.js';
import zhMoney from './zh-money.js';
import zhOrders from './zh-orders.js';
import en from './en.js';
import enMoney from './en-money.js';
import enOrders from './en-orders.js';

const join = (...books) => Object.assign({}, ...books);
const BOOKS = {
  'zh-CN': join(
    zh,
    zhMoney,
    zhOrders,
  ),
  en: join(
    en,
    enMoney,
    enOrders,
  ),
};
export const lang = signal('zh-CN');

export const has = (key) => key in BOOKS[lang.value];

function template(key, params) {
  const entry = BOOKS[lang.value][key] ?? key;
  if (!Array.isArray(entry)) return entry;
  const n = params?.n ?? params?.count;
  return Number(n) === 1 ? entry[0] : entry[1];
}

export function t(key, params) {
  return template(key, params).replace(/\{(\w+)\}/g, (whole, name) => params?.[name] ?? '');
}

// Like t, with the values isolated, so that a name cannot reorder the sentence; and in bold.
export function rich(key, params, tag = 'b') {
  return template(key, params).split(/\{(\w+)\}/).map((part, i) =>
    i % 2 ? html`<${tag} class="user">${params?.[part] ?? '—'}<//>` : part);
}

// The word for a code that may be new to this console: the code itself then.
export const word = (prefix, code) => (has(`${prefix}.${code}`) ? t(`${prefix}.${code}`) : String(code));

export function setLang(next) {
  lang.value = next === 'en' ? 'en' : 'zh-CN';
}
