// The sign-in page starts here. It is a document of its own, so that it loads a fifth of what the console loads.
import { render } from 'preact';
import { html } from './html.js';
import { Login } from './pages/login.js';
import { boot, bootError } from './state/session.js';
import { showFirstWords } from './state/prefs.js';
import { t } from './words/index.js';
import { Failed } from './widgets/parts/states.js';
import { Toasts } from './widgets/shell/toasts.js';

const SignIn = () =>
  bootError.value
    ? html`
        <main class="boot">
          <${Failed} panel=${t('error.me')} error=${bootError.value} onRetry=${boot} />
        </main>
      `
    : html`<${Login} />`;

await showFirstWords();
boot();
render(
  html`
    <${SignIn} />
    <${Toasts} />
  `,
  document.getElementById('app'),
);
