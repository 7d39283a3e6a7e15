// The open alerts beside the feed; on a phone a red bar says how many are critical.
import { html } from '../../html.js';
import { kindWord, reason } from '../../sentences/explain.js';
import { Icon } from '../../icons.js';
import { alertPath, setParam } from '../../router.js';
import { act, SEVERITIES, unresolved, unresolvedCount, unresolvedText } from '../../state/alerts/unresolved.js';
import { filter } from '../../state/feed/feed.js';
import { serverNow } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { t, word } from '../../words/index.js';
import { Age, Avatar, Severity, Times, User } from '../parts/basic.js';
import { AlertsWait } from '../feed/waiting.js';
import { Empty, Failed } from '../parts/states.js';
import { useState } from 'preact/hooks';

const SHOWN = 40;

const withSource = (alert) => ({
  ...alert,
  source: alert.evidence?.fields?.find(({ name }) => name === 'source')?.wechat,
});

function Claim({ alert }) {
  const [busy, setBusy] = useState(false);
  if (alert.assignee) {
    return html`
      <span class="claimed small">
        <${Avatar} name=${alert.assignee} small />
        <span class="user">${t('alerts.claimed', { name: alert.assignee })}</span>
      </span>
    `;
  }
  if (!may('acknowledge') || alert.status !== 'open') {
    return html`<span class="small quiet">${t('alerts.nobody')}</span>`;
  }
  const claim = async () => {
    setBusy(true);
    await act(alert, 'acknowledge');
    setBusy(false);
  };
  return html`
    <button type="button" class="btn small" disabled=${busy} onClick=${claim}>
      ${t('alerts.claim')}
      <span class="sr"> ${kindWord(alert.kind)} ${alert.orderNum ?? ''}</span>
    </button>
  `;
}

const NEW_MS = 4000;

function Card({ alert }) {
  const [isNew] = useState(() => serverNow() - Date.parse(alert.firstSeen) < NEW_MS);
  return html`
    <li class="alert-card sev-${alert.severity} ${isNew ? 'fresh' : ''}">
      <${Severity} level=${alert.severity} />
      <div class="grow">
        <p class="alert-card-head">
          <a class="alert-card-link" href=${alertPath(alert.id)}>
            <b>${kindWord(alert.kind)}</b>
          </a>
          <${Times} n=${alert.count} />
          <span class="grow"></span>
          <${Age} at=${alert.lastSeen} />
        </p>
        <p class="alert-card-why">${reason(withSource(alert))}</p>
        <p class="alert-card-foot">
          ${alert.orderNum
            ? html`
                <span class="mono clip">
                  <${User} text=${alert.orderNum} />
                </span>
              `
            : html`<span class="small quiet">${t('alerts.systemwide')}</span>`}
          <span class="grow"></span>
          <${Claim} alert=${alert} />
        </p>
      </div>
    </li>
  `;
}

const Summary = ({ list }) => html`
  <div class="sev-summary" role="group" aria-label=${t('alerts.bySeverity')}>
    ${SEVERITIES.slice(0, 4).map((level) => {
      const name = `sev-${level}`;
      const on = filter.value === name;
      return html`
        <button
          type="button"
          key=${level}
          class="${name}"
          aria-pressed=${String(on)}
          onClick=${() => setParam('show', on ? '' : name)}
        >
          <${Icon} name=${level} size=${14} tone="sev" />
          ${word('sev', level)} <b>${list.filter((alert) => alert.severity === level).length}</b>
        </button>
      `;
    })}
  </div>
`;

function Body({ list, error }) {
  if (!list && error) return html`<${Failed} panel=${t('alerts.panel')} error=${error} onRetry=${unresolved.now} />`;
  if (!list) return html`<${AlertsWait} />`;
  if (!list.length) {
    return html`
      <${Empty} icon="paid" tone="ok" title=${t('alerts.empty')} why=${t('alerts.empty.why')}>
        <a class="btn" href="/alerts?tab=resolved">${t('alerts.empty.do')}</a>
      <//>
    `;
  }
  const level = filter.value.startsWith('sev-') ? filter.value.slice(4) : null;
  const shown = list.filter((alert) => !level || alert.severity === level);
  return html`
    <div class="alert-cards" role="group" aria-label=${t('alerts.panel')} tabindex="0">
      <ul>
        ${shown.slice(0, SHOWN).map((alert) => html`<${Card} key=${alert.id} alert=${alert} />`)}
      </ul>
    </div>
  `;
}

export function AlertPanel() {
  const list = unresolved.data.value?.list;
  return html`
    <section class="card alert-panel" aria-labelledby="alert-panel-title">
      <div class="card-head">
        <h2 id="alert-panel-title">${t('alerts.panel')}</h2>
        ${list && html`<span class="count">${unresolvedText}</span>`}
        <span class="grow"></span>
        <a class="small" href="/alerts">${t('alerts.all')}</a>
      </div>
      ${list?.length > 0 && html`<${Summary} list=${list} />`}
      <${Body} list=${list} error=${unresolved.error.value} />
    </section>
  `;
}

export function CriticalBar() {
  const critical = (unresolved.data.value?.list ?? []).filter((alert) => alert.severity === 'critical');
  if (!critical.length || !unresolvedCount.value) return null;
  const kinds = critical
    .slice(0, 2)
    .map((alert) => `${kindWord(alert.kind)}${alert.count > 1 ? ` ×${alert.count}` : ''}`)
    .join(' · ');
  return html`
    <a class="critical-bar" href="/alerts">
      <${Icon} name="critical" tone="crit" />
      <span class="grow">
        <b>${t('alerts.critical.bar', { n: critical.length })}</b>
        <br />
        <span class="small">${kinds}</span>
      </span>
      <${Icon} name="right" tone="crit" />
    </a>
  `;
}
