// The console starts here: who is signed in, which page, and the connection that lives as long as both.
import { effect, untracked } from '@preact/signals';
import { render } from 'preact';
import { html } from './html.js';
import { startKeyboard } from './widgets/parts/keyboard.js';
import { fetchOthers, Page } from './pages/index.js';
import { route, startRouter } from './router.js';
import { startClock } from './state/clock.js';
import { isLive, startLive, stopLive, watchBrowser } from './state/feed/connection.js';
import { watchSession } from './state/people/session-ending.js';
import { boot, bootError, expired, owes, renewing, user } from './state/session.js';
import { showFirstWords } from './state/prefs.js';
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

const CALM_MS = 10_000;

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
  if (route.value.name === 'setup') return html`<${Page} name="setup" />`;
  if (!user.value) {
    return html`
      <main class="boot" aria-busy="true">
        <p class="quiet">${t('common.loading')}</p>
      </main>
    `;
  }
  if (owes.value) {
    return html`
      <${Page} name="owed" />
      <${ConfirmPassword} />
    `;
  }
  const { name } = route.value;
  return html`
    ${mayOpen(name)
      ? html`<${Page} name=${name} />`
      : html`<${NoAccess} />`}
    <${ConfirmPassword} />
    ${expired.value && html`<${Expired} />`}
    <${Ending} />
    <${Help} />
    <${CommandPalette} />
  `;
}

await showFirstWords();
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
// The other pages are fetched before they are wanted, so that they open at once, also while the server is away.
let calm = null;
effect(() => {
  if (isLive()) calm ??= setTimeout(fetchOthers, CALM_MS);
});
render(
  html`
    <${App} />
    <${Toasts} />
  `,
  document.getElementById('app'),
);
