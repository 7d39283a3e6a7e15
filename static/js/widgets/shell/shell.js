// The frame around every page: skip link, navigation, top bar, banner, main, bottom tabs.
import { useEffect } from 'preact/hooks';
import { html } from '../../html.js';
import { go } from '../../router.js';
import { unresolvedCount, unresolvedText } from '../../state/alerts/unresolved.js';
import { site } from '../../state/prefs.js';
import { useKeys } from '../parts/keyboard.js';
import { t } from '../../words/index.js';
import { Banner } from './connection.js';
import { openHelp } from './help.js';
import { Brand, NavList, places, Tabs } from './nav.js';
import { TopBar } from './topbar.js';

function Side() {
  return html`
    <aside class="side" aria-label=${t('app.name')}>
      <${Brand} />
      <nav aria-label=${t('nav.label')}>
        <${NavList} />
      </nav>
      <div class="side-foot small">
        <button type="button" class="side-keys" onClick=${openHelp} aria-label=${t('side.keys')}>
          <span class="nav-word">${t('side.keys')}</span>
          <kbd>?</kbd>
        </button>
        <p class="nav-word">
          <span>${site.version && `v${site.version}`}</span>
          <span>${t('side.zone')}</span>
        </p>
      </div>
    </aside>
  `;
}

function useTitle(title) {
  const urgent = unresolvedCount.value ? `(${unresolvedText.value}) ` : '';
  useEffect(() => {
    document.title = urgent + t('app.title', { page: title });
  });
}

function skip(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}

// The first panel of the monitor, with the keyboard on its first link.
function toInbox() {
  go('/');
  setTimeout(() => document.querySelector('.needs-me a')?.focus(), 0);
}

// `fixed`: from 1024 on the page itself does not scroll; its panels do.
export function Shell({ title, kind, fixed, children }) {
  useTitle(title);
  const jumps = places()
    .filter(({ key }) => key)
    .map(({ key, href }) => [`g ${key}`, () => go(href)]);
  useKeys({ ...Object.fromEntries(jumps), 'g i': toInbox, '?': openHelp });
  return html`
    <div class="shell ${fixed ? 'fixed' : ''}">
      <a class="skip" href="#main" onClick=${skip}>${t('app.skip')}</a>
      ${site.mode === 'simulation' && html`<div class="hazard" aria-hidden="true"></div>`}
      <${Side} />
      <${TopBar} title=${title} search=${kind !== 'orders'} />
      <main id="main" class="main page-${kind}" tabindex="-1">
        <${Banner} />
        ${children}
      </main>
      <${Tabs} />
    </div>
  `;
}
