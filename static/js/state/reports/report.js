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

const GAP_MS = 10000; // two months of hours are no small answer, and payments come every second
const today = computed(() => todayOf(second.value));
export const wanted = computed(() => ({
  ...chosenSpan(params.value, today.value),
  account: params.value.get('account') ?? '',
  product: params.value.get('product') ?? '',
}));
const asked = ({ from, to, by, account, product }) => query({ from, to, by, account, product });
const key = computed(() => (route.value.name === 'reports' ? asked(wanted.value) : null));

// The days before hardly move with what is paid now, so they are asked for once.
export const report = loader(async () => {
  const now = wanted.value;
  const [shown, earlier] = [report.data.value, asked({ ...now, ...before(now) })];
  const known = shown?.earlier === earlier ? shown.past : get(`reports?${earlier}`);
  const [answer, past] = await Promise.all([get(`reports?${asked(now)}`), known]);
  return { ...answer, past, earlier, wanted: now, key: asked(now) };
}, GAP_MS);
export const choices = loader(() => get('reports/choices'));
// The figures that show are of another question than the address.
export const isOld = computed(() => Boolean(report.data.value && report.data.value.key !== key.value));

// Asks whenever the address, or the day, becomes another one.
export const followReport = () =>
  effect(() => {
    if (key.value === null) return;
    untracked(() => report.now());
  });

const MOVES = ['order.paid', 'payment.failed', 'notify.refused', 'refund.succeeded'];
// What moves the report that shows: money of now, while today is in it; a bill may be of any day.
export const isReportNews = ({ kind }) =>
  kind === 'bill.matched' || (MOVES.includes(kind) && wanted.value.to >= today.value);

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
