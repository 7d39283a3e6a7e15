import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { keepPinging } from '../state/feed/connection.js';
import { t } from '../words/index.js';
import { AlertPanel, CriticalBar } from '../widgets/monitor/alert-panel.js';
import { Chart } from '../widgets/monitor/chart.js';
import { Feed } from '../widgets/feed/feed.js';
import { FirstSteps } from '../widgets/monitor/first-steps.js';
import { Kpis } from '../widgets/monitor/kpi.js';
import { LastBill } from '../widgets/monitor/last-bill.js';
import { NeedsMe } from '../widgets/monitor/needs-me.js';
import { Shell } from '../widgets/shell/shell.js';

export function Monitor() {
  useEffect(() => {
    keepPinging(true); // an open monitor counts as use of the session
    return () => keepPinging(false);
  }, []);
  return html`
    <${Shell} title=${t('nav.monitor')} kind="monitor" fixed>
      <${NeedsMe} />
      <${FirstSteps} />
      <${Kpis} />
      <${LastBill} />
      <div class="monitor-grid">
        <${Chart} />
        <${CriticalBar} />
        <${Feed} />
        <${AlertPanel} />
      </div>
    <//>
  `;
}
