// What this browser remembers: language, theme, whether single keys act.
import { signal } from '@preact/signals';
import { lang, setLang } from '../words/index.js';

const root = document.documentElement;

function load(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // storage may be forbidden; the page works without
  }
}

function save(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch { /* as above */ }
}

export const theme = signal(root.dataset.theme === 'dark' ? 'dark' : 'light');
export const singleKeys = signal(load('keys') !== 'off');
export const orderRows = signal(Number(load('orders.rows')) || 50);
export const hiddenColumns = signal((load('orders.hidden') ?? '').split(',').filter(Boolean));
export const sound = signal(load('sound') === 'on');
export const desktop = signal(load('desktop') === 'on');
setLang(root.lang);

export function chooseLang(next) {
  setLang(next);
  root.lang = lang.value;
  save('lang', lang.value);
  // The server reads it for the first words of the next page. The names are plain, so no encoding.
  document.cookie = `lang=${lang.value}; path=/; max-age=31536000; samesite=strict`;
}

export function chooseTheme(next) {
  theme.value = next;
  root.dataset.theme = next;
  save('theme', next);
}

export function chooseKeys(on) {
  singleKeys.value = on;
  save('keys', on ? 'on' : 'off');
}

export function chooseOrderRows(n) {
  orderRows.value = n;
  save('orders.rows', String(n));
}

export function hideColumn(name, hide) {
  hiddenColumns.value = [...hiddenColumns.value.filter((other) => other !== name), ...(hide ? [name] : [])];
  save('orders.hidden', hiddenColumns.value.join(','));
}

export function chooseSound(on) {
  sound.value = on;
  save('sound', on ? 'on' : 'off');
}

export function chooseDesktop(on) {
  desktop.value = on;
  save('desktop', on ? 'on' : 'off');
}

export const site = {
  mode: root.dataset.mode === 'simulation' ? 'simulation' : 'production',
  version: root.dataset.version || '',
  merchant: root.dataset.merchant || '',
};
