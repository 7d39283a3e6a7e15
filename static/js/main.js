// The console starts here: who is signed in, which page, and the connection that lives as long as both.
import { effect, untracked } from '@preact/signals';
import { render } from 'preact';
import { html } from './html.js';
import { startKeyboard } from './keyboard.js';
import { PAGES } from './pages/index.js';
import { Login } from './pages/login.js';
import { Owed } from './pages/owed.js';
import { Setup } from './pages/setup.js';
import { route, startRouter } from './router.js';
import { serverNow, startClock } from './state/clock.js';
import { startLive, stopLive, watchBrowser } from './state/connection.js';
import { watchSession } from './state/ending.js';
import { boot, bootError, expired, owes, sessionEnd, user } from './state/session.js';
import { t } from './words/index.js';
import { ConfirmPassword } from './widgets/confirm.js';
import { Dialog } from './widgets/dialog.js';
import { Ending } from './widgets/ending.js';
import { NoAccess } from './widgets/forbidden.js';
import { Help } from './widgets/help.js';
import { CommandPalette } from './widgets/palette.js';
import { LoginForm } from './widgets/loginform.js';
import { mayOpen } from './widgets/nav.js';
import { Failed } from './widgets/states.js';
import { Toasts } from './widgets/toasts.js';

// The page behind stays, with what was typed; Esc does not close this one.
// A reader who was warned signs in again before the session is over.
const early = () => Date.parse(sessionEnd.value?.endsAt) > serverNow();
const Expired = () => html`<${Dialog} title=${t(early() ? 'ending.again' : 'expired.title')}><p>${t(early() ? 'ending.again.why' : 'expired.why')}</p><${LoginForm} /><//>`;

function App() {
  if (bootError.value) return html`<main class="boot"><${Failed} panel=${t('error.me')} error=${bootError.value} onRetry=${boot} /></main>`;
  if (route.value.name === 'login') return html`<${Login} />`;
  if (route.value.name === 'setup') return html`<${Setup} />`;
  if (!user.value) return html`<main class="boot" aria-busy="true"><p class="quiet">${t('common.loading')}</p></main>`;
  if (owes.value) return html`<${Owed} /><${ConfirmPassword} />`;
  const Page = mayOpen(route.value.name) ? PAGES[route.value.name] : NoAccess;
  return html`<${Page} /><${ConfirmPassword} />${expired.value && html`<${Expired} />`}<${Ending} /><${Help} /><${CommandPalette} />`;
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
render(html`<${App} /><${Toasts} />`, document.getElementById('app'));
