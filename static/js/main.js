// The console starts here: who is signed in, which page, and the connection that lives as long as both.
import { effect, untracked } from '@preact/signals';
import { render } from 'preact';
import { html } from './html.js';
import { startKeyboard } from './widgets/parts/keyboard.js';
import { PAGES } from './pages/index.js';
import { Login } from './pages/login.js';
import { Owed } from './pages/owed.js';
import { Setup } from './pages/setup.js';
import { route, startRouter } from './router.js';
import { startClock } from './state/clock.js';
import { startLive, stopLive, watchBrowser } from './state/feed/connection.js';
import { watchSession } from './state/people/session-ending.js';
import { boot, bootError, expired, owes, renewing, user } from './state/session.js';
import { t } from './words/index.js';
import { ConfirmPassword } from './widgets/people/confirm-password.js';
import { Dialog } from './widgets/parts/dialog.js';
import { Ending } from './widgets/people/session-ending.js';
import { NoAccess } from './widgets/shell/forbidden.js';
import { Help } from './widgets/shell/help.js';
import { CommandPalette } from './widgets/shell/palette.js';
import { LoginForm } from './widgets/people/login-form.js';
import { mayOpen } from './widgets/shell/nav.js';
import { Failed } from './widgets/parts/states.js';
import { Toasts } from './widgets/shell/toasts.js';

// The page behind stays, with what was typed; Esc does not close this one.
const Expired = () => html`
  <${Dialog} title=${t(renewing.value ? 'ending.again' : 'expired.title')}>
    <p>${t(renewing.value ? 'ending.again.why' : 'expired.why')}</p>
    <${LoginForm} />
  <//>
`;

function App() {
  if (bootError.value) {
    return html`
      <main class="boot">
        <${Failed} panel=${t('error.me')} error=${bootError.value} onRetry=${boot} />
      </main>
    `;
  }
  if (route.value.name === 'login') return html`<${Login} />`;
  if (route.value.name === 'setup') return html`<${Setup} />`;
  if (!user.value) {
    return html`
      <main class="boot" aria-busy="true">
        <p class="quiet">${t('common.loading')}</p>
      </main>
    `;
  }
  if (owes.value) {
    return html`
      <${Owed} />
      <${ConfirmPassword} />
    `;
  }
  const Page = mayOpen(route.value.name) ? PAGES[route.value.name] : NoAccess;
  return html`
    <${Page} />
    <${ConfirmPassword} />
    ${expired.value && html`<${Expired} />`}
    <${Ending} />
    <${Help} />
    <${CommandPalette} />
  `;
}

startRouter();
startClock();
startKeyboard();
watchBrowser();
watchSession();
boot();
effect(() => {
  const [signedIn, ended] = [Boolean(user.value) && !owes.value, expired.value];
  untracked(() => (signedIn && !ended ? startLive() : stopLive(ended ? 'expired' : 'idle')));
});
render(
  html`
    <${App} />
    <${Toasts} />
  `,
  document.getElementById('app'),
);
