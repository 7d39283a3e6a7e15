// The differences of the day that shows, as a file.
import { getFile, query } from '../../http.js';
import { faultWords } from '../../sentences/faults.js';
import { lang, t } from '../../words/index.js';
import { saveFile } from '../save-file.js';
import { toast } from '../toasts.js';
import { account, date } from './month.js';

export async function exportDay() {
  const [day, mchId] = [date.value, account.value];
  try {
    const asked = query({ account: mchId, lang: lang.value === 'en' ? 'en' : 'zh' });
    const { blob } = await getFile(`bills/${day}.csv?${asked}`, () => {});
    saveFile(blob, `bill-${day}-${mchId}.csv`);
  } catch (error) {
    toast('crit', t('recon.csv.failed', { why: faultWords(error) }));
  }
}
