// The report that the address asks for, the one of the days before it, and what it can be narrowed to.
import { computed, effect, signal, untracked } from '@preact/signals';
import { get, getFile, query } from '../../http.js';
import { go, params, route } from '../../router.js';
import { faultWords } from '../../sentences/faults.js';
import { before, chosenSpan, todayOf } from '../../values/report-spans.js';
import { lang, t } from '../../words/index.js';
import { second } from '../clock.js';
import { loader } from '../loader.js';
import { saveFile } from '../save-file.js';
import { toast } from '../toasts.js';

const today = computed(() => todayOf(second.value));
export const wanted = computed(() => ({
  ...chosenSpan(params.value, today.value),
  account: params.value.get('account') ?? '',
  product: params.value.get('product') ?? '',
}));
const asked = ({ from, to, by, account, product }) => query({ from, to, by, account, product });
const key = computed(() => (route.value.name === 'reports' ? asked(wanted.value) : null));

export const report = loader(async () => {
  const now = wanted.value;
  const earlier = asked({ ...now, ...before(now) });
  const [answer, past] = await Promise.all([get(`reports?${asked(now)}`), get(`reports?${earlier}`)]);
  return { ...answer, past, wanted: now, key: asked(now) };
}, 3000);
export const choices = loader(() => get('reports/choices'));
// The figures that show are of another question than the address.
export const isOld = computed(() => Boolean(report.data.value && report.data.value.key !== key.value));

// Asks whenever the address, or the day, becomes another one.
export const followReport = () =>
  effect(() => {
    if (key.value === null) return;
    untracked(() => report.now());
  });

const MOVES = ['order.paid', 'payment.failed', 'notify.refused', 'refund.succeeded', 'bill.matched'];
export const isReportNews = ({ kind }) => MOVES.includes(kind);

// Changes some words of the address; '' removes one.
export function ask(changes) {
  const next = new URLSearchParams(params.value);
  for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name);
  const text = next.toString();
  go(`/reports${text ? `?${text}` : ''}`, { replace: true });
}

export const saving = signal('');
export async function exportReport(end) {
  const { from, to, by } = wanted.value;
  const language = lang.value === 'en' ? 'en' : 'zh';
  saving.value = end;
  try {
    const { blob } = await getFile(`reports.${end}?${asked(wanted.value)}&lang=${language}`, () => {});
    saveFile(blob, `report-${by}-${from}-${to}.${end}`);
  } catch (error) {
    toast('crit', t('report.export.failed', { why: faultWords(error) }));
  }
  saving.value = '';
}
