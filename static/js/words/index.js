// t('key', {name: value}) in the language of the moment. A component that calls it renders
// again when the language changes, because it reads the `lang` signal.
import { signal } from '@preact/signals';
import { html } from '../html.js';

const BOOKS = { 'zh-CN': () => import('./zh.js'), en: () => import('./en.js') };
const books = signal({}); // language → its words, once they are here
let wanted = null;
export const lang = signal('zh-CN');

const knows = (language) => language in books.value;
export const has = (key) => key in (books.value[lang.value] ?? {});

function template(key, params) {
  const entry = books.value[lang.value]?.[key] ?? key;
  if (!Array.isArray(entry)) return entry;
  const n = params?.n ?? params?.count;
  return Number(n) === 1 ? entry[0] : entry[1];
}

export const t = (key, params) => template(key, params).replace(/\{(\w+)\}/g, (whole, name) => params?.[name] ?? '');

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
