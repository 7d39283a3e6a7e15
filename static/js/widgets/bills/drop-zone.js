// A downloaded bill that is dragged over the page: a veil says for which day it would be.
import { useLayoutEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { date } from '../../state/bills/month.js';
import { sendFile } from '../../state/bills/upload.js';
import { t } from '../../words/index.js';

const hasFile = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');

// Leaving one element for another within the page tells of both, so the depth is counted.
export function useDrop(enabled) {
  const [over, setOver] = useState(false);
  useLayoutEffect(() => {
    if (!enabled) return undefined;
    let depth = 0;
    const enter = (event) => hasFile(event) && (depth += 1) && setOver(true);
    const leave = () => depth > 0 && !(depth -= 1) && setOver(false);
    const allow = (event) => hasFile(event) && event.preventDefault();
    const drop = (event) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      [depth] = [0, setOver(false)];
      const [file] = event.dataTransfer.files;
      if (file) sendFile(file);
    };
    const heard = { dragenter: enter, dragleave: leave, dragover: allow, drop };
    for (const [name, listener] of Object.entries(heard)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(heard)) removeEventListener(name, listener);
    };
  }, [enabled]);
  return over;
}

export const Veil = () => html`
  <div class="drop-veil" role="status">
    <div>
      <${Icon} name="up" size=${40} tone="accent" />
      <p class="empty-title">${t('recon.file.drop', { date: date.value })}</p>
      <p class="empty-why">${t('recon.file.drop.why')}</p>
    </div>
  </div>
`;
