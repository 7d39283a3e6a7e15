// Prepays that WeChat refused in the last hour: they are no payments, so no rate shows them.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { t } from '../../words/index.js';

// Null where there were none.
export function refusedPrepays(minutes) {
  const n = minutes.reduce((sum, { refusedPrepayCount = 0 }) => sum + refusedPrepayCount, 0);
  if (!n) return null;
  return html`
    <span class="status bad">
      <${Icon} name="failed" size=${14} />
      <b>${t('kpi.refused', { n })}</b>
    </span>
  `;
}
