import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { site } from '../state/prefs.js';
import { t } from '../words/index.js';
import { LoginForm } from '../widgets/people/login-form.js';
import { Brand } from '../widgets/shell/nav.js';
import { EnvBadge, LangSwitch, ThemeButton } from '../widgets/shell/topbar.js';

const BARS = Array.from({ length: 42 }, (_, i) => 36 + 18 * Math.sin(i / 5.2) + 12 * Math.cos(i / 2.3) + (i % 5) * 3);

const Picture = () => html`
  <svg class="login-bars" viewBox="0 0 540 150" aria-hidden="true">
    ${BARS.map((height, i) => html`
      <rect
        key=${i}
        x=${i * 12.9}
        y=${84 - height}
        width="10"
        height=${height}
        rx="1.5"
        opacity=${0.25 + (0.75 * i) / BARS.length}
      />
    `)}
    <path d="M0 112H376L384 128L392 112H540" />
    <circle cx="384" cy="128" r="4" />
  </svg>
`;

export function Login() {
  useEffect(() => document.querySelector('[data-first]')?.focus(), []);
  useEffect(() => {
    document.title = t('app.title', { page: t('login.title') });
  });
  return html`
    <div class="login">
      ${site.mode === 'simulation' && html`<div class="hazard" aria-hidden="true"></div>`}
      <div class="login-side">
        <header class="login-top">
          <${Brand} />
          <span class="grow"></span>
          <${LangSwitch} />
          <${ThemeButton} />
        </header>
        <main id="main" class="login-main">
          <h1>
            ${t('login.title')} ${site.mode === 'simulation' && html`<${EnvBadge} />`}
          </h1>
          <p class="quiet">${site.merchant ? t('app.merchant', { id: site.merchant }) : t('app.name')}</p>
          <${LoginForm} />
          <p class="small quiet">${t('login.forgot')}</p>
        </main>
        <footer class="small quiet">${site.version && `v${site.version} · `}${t('login.foot')}</footer>
      </div>
      <aside class="login-claim">
        <${Picture} />
        <p class="login-claim-words">${t('login.claim')}</p>
        <p>${t('login.claim.more')}</p>
      </aside>
    </div>
  `;
}
