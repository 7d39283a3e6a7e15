// The preferences in this browser and in the user's profile: language, theme, single keys, sound.
import { signal } from '@preact/signals';
import { lang, setLang, t } from '../words/index.js';
import { toast } from './toasts.js';

const root = document.documentElement;
const AGAIN_MS = 5000;

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
  } catch {
    /* as above */
  }
}

export const theme = signal(root.dataset.theme === 'dark' ? 'dark' : 'light');
export const singleKeys = signal(load('keys') !== 'off');
export const orderRows = signal(Number(load('orders.rows')) || 50);
export const hiddenColumns = signal((load('orders.hidden') ?? '').split(',').filter(Boolean));
export const sound = signal(load('sound') === 'on');
export const desktop = signal(load('desktop') === 'on');
export const steps = signal(load('steps') !== 'off');

// Before anything is shown. Without words there is no page: another try is better than that.
export const showFirstWords = () => setLang(root.lang).catch(() => setTimeout(() => location.reload(), AGAIN_MS));

// The session sets this: a choice goes into the profile of who is signed in.
export const hooks = { chose() {} };

async function showLang(next) {
  try {
    await setLang(next);
  } catch {
    return toast('crit', t('error.network'));
  }
  root.lang = lang.value;
  save('lang', lang.value);
  // The server reads it for the first words of the next page. The names are plain, so no encoding.
  document.cookie = `lang=${lang.value}; path=/; max-age=31536000; samesite=strict`;
  return undefined;
}

function showTheme(next) {
  theme.value = next;
  root.dataset.theme = next;
  save('theme', next);
}

const switcher = (name, on) => (next) => {
  on.value = next;
  save(name, next ? 'on' : 'off');
};
const SHOW = {
  lang: showLang,
  theme: showTheme,
  keys: switcher('keys', singleKeys),
  sound: switcher('sound', sound),
  steps: switcher('steps', steps),
};

function choose(name, value) {
  SHOW[name](value);
  hooks.chose(name, value);
}

export function chooseOrderRows(n) {
  orderRows.value = n;
  save('orders.rows', String(n));
}

export function hideColumn(name, hide) {
  hiddenColumns.value = [...hiddenColumns.value.filter((other) => other !== name), ...(hide ? [name] : [])];
  save('orders.hidden', hiddenColumns.value.join(','));
}

export const chooseLang = (next) => choose('lang', next);
export const chooseTheme = (next) => choose('theme', next);
export const chooseKeys = (on) => choose('keys', on);
export const chooseSound = (on) => choose('sound', on);
export const chooseSteps = (on) => choose('steps', on);

// The profile goes before the memory of this browser.
export function takePreferences(given) {
  Object.entries(given).forEach(([name, value]) => SHOW[name]?.(value));
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
