// t('key', {name: value}) in the language of the moment. A component that calls it renders
// again when the language changes, because it reads the `lang` signal.
import { signal } from '@preact/signals';
import { html } from '../html.js';

const BOOKS = { 'zh-CN': () => import('./zh.js'), en: () => import('./en.js') };
const books = signal({}); // language → its words, once they are here
let wanted = null;
export const lang = signal('zh-CN');

export const knows = (language) => language in books.value;
export const has = (key) => key in (books.value[lang.value] ?? {});

function template(key, params, language = lang.value) {
  const entry = books.value[language]?.[key] ?? key;
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

// Fetches the words of a language, once; a component that shows some of them renders again.
export async function loadWords(language) {
  if (knows(language)) return;
  const { default: words } = await BOOKS[language]();
  books.value = { ...books.value, [language]: words };
}

// Shown as soon as its words are here. Fails when they do not come: then the language stays.
export async function setLang(next) {
  const language = next === 'en' ? 'en' : 'zh-CN';
  wanted = language;
  await loadWords(language);
  if (wanted === language) lang.value = language; // unless another was chosen meanwhile
}
