// t('key', {name: value}) in the language of the moment. A component that calls it renders
// again when the language changes, because it reads the `lang` signal.
import { signal } from '@preact/signals';
import { html } from '../html.js';
import zh from './zh/general.js';
import zhAlerts from './zh/alerts.js';
import zhMoney from './zh/money.js';
import zhOrders from './zh/orders.js';
import zhSettings from './zh/settings.js';
import zhShell from './zh/shell.js';
import zhMonitor from './zh/monitor.js';
import zhOrder from './zh/order.js';
import zhWorkshop from './zh/workshop.js';
import zhPeople from './zh/people.js';
import zhCauses from './zh/causes.js';
import zhChecks from './zh/checks.js';
import zhMachine from './zh/machine.js';
import en from './en/general.js';
import enAlerts from './en/alerts.js';
import enMoney from './en/money.js';
import enOrders from './en/orders.js';
import enSettings from './en/settings.js';
import enShell from './en/shell.js';
import enMonitor from './en/monitor.js';
import enOrder from './en/order.js';
import enWorkshop from './en/workshop.js';
import enPeople from './en/people.js';
import enCauses from './en/causes.js';
import enChecks from './en/checks.js';
import enMachine from './en/machine.js';

const join = (...books) => Object.assign({}, ...books);
const BOOKS = {
  'zh-CN': join(
    zh,
    zhAlerts,
    zhMoney,
    zhOrders,
    zhSettings,
    zhShell,
    zhMonitor,
    zhOrder,
    zhWorkshop,
    zhPeople,
    zhCauses,
    zhChecks,
    zhMachine,
  ),
  en: join(
    en,
    enAlerts,
    enMoney,
    enOrders,
    enSettings,
    enShell,
    enMonitor,
    enOrder,
    enWorkshop,
    enPeople,
    enCauses,
    enChecks,
    enMachine,
  ),
};
export const lang = signal('zh-CN');

export const has = (key) => key in BOOKS[lang.value];

function template(key, params, language = lang.value) {
  const entry = BOOKS[language][key] ?? key;
  if (!Array.isArray(entry)) return entry;
  const n = params?.n ?? params?.count;
  return Number(n) === 1 ? entry[0] : entry[1];
}

// As t, in a language of the caller's choice: what is said to a customer, whatever the reader's is.
export function told(language, key, params) {
  return template(key, params, language).replace(/\{(\w+)\}/g, (whole, name) => params?.[name] ?? '');
}

export const t = (key, params) => told(lang.value, key, params);

// Like t, with the values isolated, so that a name cannot reorder the sentence; and in bold.
export function rich(key, params, tag = 'b') {
  return template(key, params)
    .split(/\{(\w+)\}/)
    .map((part, i) => (i % 2 ? html`<${tag} class="user">${params?.[part] ?? '—'}<//>` : part));
}

// The word for a code that may be new to this console: the code itself then.
export const word = (prefix, code) => (has(`${prefix}.${code}`) ? t(`${prefix}.${code}`) : String(code));

export function setLang(next) {
  lang.value = next === 'en' ? 'en' : 'zh-CN';
}
