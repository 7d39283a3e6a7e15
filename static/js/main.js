// The console starts here: who is signed in, which page, and the connection that lives as long as both.
import { effect, untracked } from '@preact/signals';
import { render } from 'preact';
import { html } from './html.js';
import { startKeyboard } from './keyboard.js';
import { PAGES } from './pages/index.js';
import { Login } from './pages/login.js';
import { route, startRouter } from './router.js';
import { startClock } from './state/clock.js';
import { startLive, stopLive, watchBrowser } from './state/connection.js';
import { boot, bootError, expired, user } from './state/session.js';
import { t } from './words/index.js';
import { ConfirmPassword } from './widgets/confirm.js';
import { Dialog } from './widgets/dialog.js';
import { Help } from './widgets/help.js';
import { CommandPalette } from './widgets/palette.js';
import { LoginForm } from './widgets/loginform.js';
import { Failed } from './widgets/states.js';
import { Toasts } from './widgets/toasts.js';

// The page behind stays, with what was typed; Esc does not close this one.
const Expired = () => html`<${Dialog} title=${t('expired.title')}><p>${t('expired.why')}</p><${LoginForm} /><//>`;

function App() {
  if (bootError.value) return html`<main class="boot"><${Failed} panel=${t('error.me')} error=${bootError.value} onRetry=${boot} /></main>`;
  if (route.value.name === 'login') return html`<${Login} />`;
  if (!user.value) return html`<main class="boot" aria-busy="true"><p class="quiet">${t('common.loading')}</p></main>`;
  const Page = PAGES[route.value.name];
  return html`<${Page} /><${ConfirmPassword} />${expired.value && html`<${Expired} />`}<${Help} /><${CommandPalette} />`;
}

startRouter();
startClock();
startKeyboard();
watchBrowser();
boot();
effect(() => {
  const [signedIn, ended] = [Boolean(user.value), expired.value];
  untracked(() => (signedIn && !ended ? startLive() : stopLive(ended ? 'expired' : 'idle')));
});
render(html`<${App} /><${Toasts} />`, document.getElementById('app'));
