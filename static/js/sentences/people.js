// The name of an actor: a person, the merchant's own server with its API key, or this system.
import { t } from '../words/index.js';

const KEY = /^api key /;
const OURSELVES = new Set(['expiry', 'reconciler', 'system']);

export const byKey = ({ data }) => KEY.test(data?.by ?? '');
export const bySystem = (name) => OURSELVES.has(name);
export const staffWord = (name) => (KEY.test(name) ? t('rfd.key', { name: name.replace(KEY, '') }) : name);

export function by({ by: name }) {
  if (!name || bySystem(name)) return '';
  return KEY.test(name) ? t('say.key', { name: name.replace(KEY, '') }) : t('say.by', { by: name });
}
