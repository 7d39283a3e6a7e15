// The last line of an order on paper: whose it is, and when it was printed.
import { html } from '../../html.js';
import { fullTime } from '../../values/format.js';
import { serverNow } from '../../state/clock.js';
import { site } from '../../state/prefs.js';
import { t } from '../../words/index.js';

// On paper a time without its day is worth nothing tomorrow.
const printed = (at) => fullTime(at).slice(0, 19);

export const PrintFoot = ({ order }) => html`
  <p class="print-only small">
    ${site.merchant && t('app.merchant', { id: site.merchant })} · ${t('order.placed', {
      time: printed(order.createdAt),
    })} · ${t('print.at', { time: printed(serverNow()) })}
  </p>
`;
