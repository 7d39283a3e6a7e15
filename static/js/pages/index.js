// Which page shows at a route's name. The monitor comes with the console; the others follow.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../words/index.js';
import { Failed, Loading } from '../widgets/parts/states.js';
import { Shell } from '../widgets/shell/shell.js';
import { Monitor } from './monitor.js';

const pages = signal({ monitor: Monitor });
const fault = signal(null);
const BARE = ['setup', 'owed']; // pages without the navigation
let asked = null;

// All of them, once; asked for again when they did not come.
export function fetchOthers() {
  asked ??= import('./others.js').then(
    ({ OTHERS }) => {
      pages.value = { ...pages.value, ...OTHERS };
    },
    (error) => {
      [asked, fault.value] = [null, error];
    },
  );
}

// After an update of the server the old script is no longer there: a new document names the new one.
function Coming({ name }) {
  useEffect(fetchOthers, []);
  const state = fault.value
    ? html`<${Failed} panel=${t('error.page')} error=${{}} onRetry=${() => location.reload()} />`
    : html`<${Loading} />`;
  if (BARE.includes(name)) return html`<main class="boot">${state}</main>`;
  return html`<${Shell} title=${t(fault.value ? 'error.page' : 'common.loading')} kind=${name}>${state}<//>`;
}

export function Page({ name }) {
  const Shown = pages.value[name] ?? Coming;
  return html`<${Shown} name=${name} />`;
}
