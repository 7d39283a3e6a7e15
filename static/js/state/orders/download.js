// The orders of the search as a file: asked for, received, handed to the browser.
import { signal } from '@preact/signals';
import { isoTime } from '../../values/format.js';
import { getFile } from '../../http.js';
import { lang, t } from '../../words/index.js';
import { serverNow } from '../clock.js';
import { saveFile } from '../save-file.js';
import { filters } from './filters.js';
import { toast } from '../toasts.js';

export const receiving = signal(null); // bytes so far, null when nothing is under way

export async function exportOrders() {
  if (receiving.value !== null) return;
  receiving.value = 0;
  try {
    const { blob, headers } = await getFile(
      `orders/export.csv?${filters.value}&lang=${lang.value === 'en' ? 'en' : 'zh'}`,
      (bytes) => {
        receiving.value = bytes;
      },
    );
    saveFile(blob, `orders-${isoTime(serverNow()).slice(0, 10)}.csv`);
    const n = Number(headers.get('X-Rows')).toLocaleString('en');
    if (headers.get('X-Cut') === '1') toast('warn', t('orders.export.cut', { count: n }));
    else toast('ok', t('orders.export.done', { n }));
  } catch (problem) {
    toast('crit', t('orders.export.failed', { why: problem.message || t('error.network') }));
  } finally {
    receiving.value = null;
  }
}
