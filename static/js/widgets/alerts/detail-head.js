// The head of an open alert: what and how grave, which order, since when, whose, and the way to the next.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { kindWord } from '../../sentences/explain.js';
import { Icon } from '../../icons.js';
import { go } from '../../router.js';
import { act } from '../../state/alerts/unresolved.js';
import { stampAt } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { t } from '../../words/index.js';
import { AssignDialog } from './assign.js';
import { Over } from './row.js';
import { AlertState, OrderLink, Severity, SeverityTag, Time, Times, User } from '../parts/basic.js';

function Assignee({ alert }) {
  const [open, setOpen] = useState(false);
  const give = may('assign') && alert.status !== 'resolved';
  return html`
    <span>
      ${alert.assignee ? html`<${User} text=${alert.assignee} />` : t('alerts.nobody')}
      ${give && html` · <button type="button" class="link" onClick=${() => setOpen(true)}>
          ${t('alert.assign')}
        </button>`}
      ${open && html`
        <${AssignDialog}
          title=${t('assign.title', { kind: kindWord(alert.kind) })}
          assignee=${alert.assignee}
          onSend=${(words) => act(alert, 'assign', words)}
          onClose=${() => setOpen(false)}
        />
      `}
    </span>
  `;
}

const Subject = ({ alert: { kind, orderNum } }) =>
  !orderNum
    ? t('alerts.systemwide')
    : html`
        ${t('alert.order')} ${kind === 'missing_order'
          ? html`<bdi class="mono">${orderNum}</bdi>`
          : html`<${OrderLink} num=${orderNum} />`}
      `;

export function Head({ alert, neighbours, onClose, wide }) {
  const step = (to, icon, words) => html`
    <button
      type="button"
      class="btn ghost icon"
      aria-label=${t(words)}
      disabled=${!to}
      onClick=${() => go(to, { replace: true })}
    >
      <${Icon} name=${icon} />
    </button>
  `;
  return html`
    <header class="detail-head">
      <div class="detail-title">
        <${Severity} level=${alert.severity} size=${18} />
        <h2 id="alert-title" tabindex="-1">${kindWord(alert.kind)}</h2>
        <${Times} n=${alert.count} />
        <${SeverityTag} level=${alert.severity} />
        <span class="tag tag-${alert.status}">
          <${AlertState} status=${alert.status} />
        </span>
        <${Over} alert=${alert} />
        <span class="grow"></span>
        <span class="detail-steps">
          ${step(neighbours.prev, 'upward', 'alert.prev')}
          ${step(neighbours.next, 'down', 'alert.next')}
          <button
            type="button"
            class="btn ghost icon"
            aria-label=${t(wide ? 'common.close' : 'common.back')}
            onClick=${onClose}
          >
            <${Icon} name="x" />
          </button>
        </span>
      </div>
      <p class="detail-facts small">
        <span>
          <${Subject} alert=${alert} />
        </span>
        <span>
          <${Time} at=${alert.firstSeen} show=${(at) => t('alerts.first', { time: stampAt(at) })} /> · <${Time}
            at=${alert.lastSeen}
            show=${(at) => t('alerts.last', { time: stampAt(at) })}
          />
        </span>
        <${Assignee} alert=${alert} />
      </p>
    </header>
  `;
}
