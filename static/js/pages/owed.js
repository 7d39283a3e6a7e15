// Before anything else: a password of one's own, or a second factor that the role needs.
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { site } from '../state/prefs.js';
import { keptCodes } from '../state/people/profile.js';
import { logout, owes, user } from '../state/session.js';
import { t, word } from '../words/index.js';
import { FactorSetup } from '../widgets/people/second-factor.js';
import { Brand } from '../widgets/shell/nav.js';
import { PasswordForm } from '../widgets/people/password-form.js';
import { EnvBadge, LangSwitch, ThemeButton } from '../widgets/shell/topbar.js';

const Todo = () =>
  owes.value === 'password'
    ? html`<${PasswordForm} />`
    : html`<${FactorSetup} onDone=${keptCodes} onClose=${logout} />`;

export function Owed() {
  const what = owes.value;
  useEffect(() => {
    document.title = t('app.title', { page: t(`owed.${what}`) });
  });
  return html`
    <div class="owed">
      ${site.mode === 'simulation' && html`<div class="hazard" aria-hidden="true"></div>`}
      <header class="login-top">
        <${Brand} />
        <span class="grow"></span>
        <${LangSwitch} />
        <${ThemeButton} />
      </header>
      <main id="main" class="card owed-card">
        <h1>
          ${t(`owed.${what}`)} ${site.mode === 'simulation' && html`<${EnvBadge} />`}
        </h1>
        <p class="quiet">${t(`owed.${what}.why`, { role: word('role', user.value.role) })}</p>
        <${Todo} />
        <p class="owed-foot small quiet">
          <bdi>${user.value.name}</bdi>
          <button type="button" class="link" onClick=${logout}>${t('user.logout')}</button>
        </p>
      </main>
    </div>
  `;
}
