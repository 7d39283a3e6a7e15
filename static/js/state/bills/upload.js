// A bill that was downloaded by hand, on its way to the server.
import { signal } from '@preact/signals';
import { postFile, query } from '../../http.js';
import { faultWords } from '../../sentences/faults.js';
import { t } from '../../words/index.js';
import { toast } from '../toasts.js';
import { tookFile } from './day.js';
import { account, date } from './month.js';

const MOST_BYTES = 1024 ** 3;
export const upload = signal(null); // {name, sent, size} while a file is sent

const refusal = (file) => (!file.size ? 'recon.file.empty' : file.size > MOST_BYTES ? 'recon.file.large' : null);

// The file goes to the day that shows when it is dropped.
export async function sendFile(file) {
  if (upload.value) return;
  const why = refusal(file);
  if (why) {
    toast('crit', t(why));
    return;
  }
  const [name, size] = [file.name, file.size];
  upload.value = { name, sent: 0, size };
  try {
    const path = `bills/${date.value}/file?${query({ account: account.value })}`;
    tookFile(
      await postFile(path, file, (sent) => {
        upload.value = { name, sent, size };
      }),
    );
    toast('ok', t('recon.file.sent', { name }));
  } catch (error) {
    toast('crit', t('recon.file.failed', { name, why: faultWords(error) }));
  } finally {
    upload.value = null;
  }
}
