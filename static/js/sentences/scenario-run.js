// A step of a scenario in plain words: what it is, what had to come, what came.
import { kindWord, valueText } from './explain.js';
import { isFen, money, NONE } from '../values/format.js';
import { has, t } from '../words/index.js';

const WORD = /<return_code><!\[CDATA\[(\w+)\]\]>/;
const WHY = /<return_msg><!\[CDATA\[([^\]]*)\]\]>/;

export const stepWord = (name) => (has(`step.sim.${name}`) ? t(`step.sim.${name}`) : name);

function answerText({ status, answer }) {
  const word = WORD.exec(answer ?? '')?.[1] ?? answer ?? '';
  const why = WHY.exec(answer ?? '')?.[1];
  return [status ?? NONE, word, why && why !== 'OK' ? why : ''].filter(Boolean).join(' ');
}

const alertText = ({ alertKind, expected, actual }) =>
  isFen(expected) && isFen(actual)
    ? t('sim.alert.amounts', { kind: kindWord(alertKind), ours: money(expected), wechat: money(actual) })
    : kindWord(alertKind);
const orderText = ({ status, serviceStatus }) =>
  [valueText(status), serviceStatus && valueText(serviceStatus)].filter(Boolean).join(' · ');
const countText = (value) =>
  Object.entries(value)
    .map(([key, n]) => `${has(`event.${key}`) ? t(`event.${key}`) : key} × ${n}`)
    .join(', ') || NONE;

export function stepText(value) {
  if (value === null || value === undefined) return NONE;
  if (value === true || value === false) return t(value ? 'sim.yes' : 'sim.no');
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    return has(`event.${value}`) ? t(`event.${value}`) : has(`kind.${value}`) ? kindWord(value) : valueText(value);
  }
  if (Array.isArray(value)) return value.map(stepText).join(', ') || t('common.none');
  if ('alertKind' in value) return alertText(value);
  if ('answer' in value) return answerText(value);
  if ('serviceStatus' in value) return orderText(value);
  if ('status' in value && Object.keys(value).length === 1) return `HTTP ${value.status}`;
  return countText(value);
}
