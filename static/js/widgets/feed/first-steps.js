// The monitor before the first payment offers: one to look at, or how to see that WeChat reaches us.
import { useState } from 'preact/hooks';
import { faultWords } from '../../sentences/faults.js';
import { html } from '../../html.js';
import { post } from '../../http.js';
import { site } from '../../state/prefs.js';
import { may } from '../../state/session.js';
import { toast } from '../../state/toasts.js';
import { t } from '../../words/index.js';
import { CopyButton } from '../parts/basic.js';
import { Empty } from '../parts/states.js';

const COMMAND = 'paywatch check';

function TestPayment() {
  const [busy, setBusy] = useState(false);
  const pay = async () => {
    setBusy(true);
    try {
      await post('simulator/paid', { totalFen: 1 });
      toast('ok', t('first.paying'));
    } catch (error) {
      toast('crit', faultWords(error));
    } finally {
      setBusy(false);
    }
  };
  return html`<button type="button" class="btn primary" disabled=${busy} onClick=${pay}>${t('first.pay')}</button>`;
}

export function FirstSteps() {
  const simulated = site.mode === 'simulation';
  return html`
    <${Empty}
      icon="bell"
      title=${t('first.title')}
      why=${html`
        ${t(simulated ? 'first.why.simulation' : 'first.why')}
        ${!simulated && html`
          <br />
          <code class="mono">${COMMAND}</code>
        `}
      `}
    >
      ${simulated && may('simulate') && html`<${TestPayment} />`}
      ${!simulated && html`<${CopyButton} text=${COMMAND} label=${t('first.check')} />`}
    <//>
  `;
}
