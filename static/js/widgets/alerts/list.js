// The alerts as rows of three lines: beside an open one, and on a phone.
import { stampAt } from '../../state/clock.js';
import { html } from '../../html.js';
import { kindWord } from '../../sentences/explain.js';
import { sides } from '../../sentences/findings.js';
import { picked } from '../../state/alerts/picked.js';
import { rich, t } from '../../words/index.js';
import { AlertState, Severity, Time, Times, User } from '../parts/basic.js';
import { hrefOf, freshness, Over, Pick } from './row.js';

function Row({ alert, selected, picking }) {
  const { expected, actual } = sides(alert);
  return html`
    <li
      class="alert-line alert-row sev-${alert.severity} ${selected ? 'selected' : ''} ${freshness(alert)}"
      data-id=${alert.id}
    >
      ${picking && html`<${Pick} alert=${alert} />`}
      <${Severity} level=${alert.severity} />
      <div class="grow">
        <p class="status">
          <a class="row-link" href=${hrefOf(alert)} aria-current=${selected ? 'true' : undefined}>
            <b>${kindWord(alert.kind)}</b>
          </a>
          <${Times} n=${alert.count} />
        </p>
        <p class="alert-values">
          ${rich('alerts.expected', { value: expected }, 'bdi')} · <b>
            ${rich('alerts.actual', { value: actual }, 'bdi')}
          </b>
        </p>
        <p class="small alert-line-subject">
          ${alert.orderNum
            ? html`
                <span class="mono">
                  <${User} text=${alert.orderNum} />
                </span>
              `
            : html`<span class="quiet">${t('alerts.systemwide')}</span>`}
        </p>
      </div>
      <div class="alert-line-end">
        <${Time} at=${alert.lastSeen} show=${stampAt} />
        <${AlertState} status=${alert.status} />
        <${Over} alert=${alert} />
        <span class="small quiet user clip" title=${alert.assignee}>${alert.assignee ?? t('alerts.nobody')}</span>
      </div>
    </li>
  `;
}

export const AlertLines = ({ list, selectedId }) => html`
  <ul class="alert-lines" aria-label=${t('alerts.list')}>
    ${list.map((alert) => html`
      <${Row} key=${alert.id} alert=${alert} selected=${alert.id === selectedId} picking=${picked.value.length > 0} />
    `)}
  </ul>
`;
