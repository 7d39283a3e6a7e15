// The states of a panel that is empty, still loading, or failed.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { t, word } from '../../words/index.js';
import { user } from '../../state/session.js';
import { CopyButton } from './basic.js';

export const Skeleton = ({ w = '60%', h = 12 }) => html`
  <span class="skeleton" style=${{ width: w, height: `${h}px` }}></span>
`;

export const Loading = ({ rows = 8 }) => html`
  <div class="loading" role="status" aria-busy="true">
    <span class="sr">${t('common.loading')}</span>
    ${Array.from(
      { length: rows },
      (_, i) => html`
        <div class="loading-row" key=${i}>
          <${Skeleton} w="12%" />
          <${Skeleton} w=${`${18 + ((i * 7) % 14)}%`} />
          <${Skeleton} w="26%" />
          <${Skeleton} w="10%" />
        </div>
      `,
    )}
  </div>
`;

export const Empty = ({ icon, tone, title, why, children }) => html`
  <div class="empty">
    <${Icon} name=${icon} size=${56} tone=${tone ?? 'quiet'} />
    <p class="empty-title user">${title}</p>
    ${why && html`<p class="empty-why">${why}</p>`}
    ${children && html`<div class="empty-do">${children}</div>`}
  </div>
`;

function details(error) {
  return [error.status || '', error.code, error.requestId && `req ${error.requestId}`].filter(Boolean).join(' · ');
}

export function Failed({ panel, error, onRetry }) {
  if (error.status === 403) return html`<${Forbidden} />`;
  return html`
    <div role="alert">
      <${Empty}
        icon="failed"
        tone="crit"
        title=${t('error.title', { panel })}
        why=${html`
          ${error.message || t('error.network')} ${t('error.why')}
          <br />
          <span class="mono small">${details(error)}</span>
        `}
      >
        <button type="button" class="btn primary" onClick=${onRetry}>${t('common.retry')}</button>
        <${CopyButton} text=${`${details(error)} ${error.message}`} label=${t('error.copy')} />
      <//>
    </div>
  `;
}

const Forbidden = () => html`
  <${Empty}
    icon="lock"
    title=${t('forbidden.title')}
    why=${t('forbidden.why', { role: word('role', user.value?.role ?? '') })}
  />
`;
