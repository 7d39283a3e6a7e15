// The settings: the alert rules and channels that admins turn, and what was read at the start.
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { onFlush } from '../state/feed/feed.js';
import { bad, changed, discard, knobs, save, saving, settings, taken } from '../state/settings.js';
import { kindWord } from '../sentences/explain.js';
import { t } from '../words/index.js';
import { Limits, Severities } from '../widgets/settings/alert-rules.js';
import { Channels, Messages } from '../widgets/settings/channels.js';
import { Shell } from '../widgets/shell/shell.js';
import { Accounts, AtStart, Retention } from '../widgets/settings/start-settings.js';
import { Failed, Loading } from '../widgets/parts/states.js';

const AGAIN_MS = 5000; // while messages wait to be sent
const NEWS = /^alert\.(raised|reopened|repeated)$/;
const ruleName = (name) =>
  name.startsWith('severity.') ? kindWord(name.slice('severity.'.length)) : t(`set.knob.${name}`);

function Taken() {
  const whose = (name) => t('set.whose', { rule: ruleName(name), by: knobs.value[name]?.changedBy ?? '' });
  return html`
    <div class="note-box warn" role="alert">
      <${Icon} name="medium" tone="warn" />
      <span>${t('set.taken', { names: taken.value.map(whose).join(t('set.and')) })}</span>
    </div>
  `;
}

function SaveBar() {
  const n = changed.value.length;
  if (!n) return null;
  return html`
    <div class="set-save" role="group" aria-label=${t('set.save.label')}>
      ${taken.value.length > 0 && html`<${Taken} />`}
      <div class="set-save-line">
        <span class="grow" role="status">${t(bad.value.length ? 'set.unsaved.bad' : 'set.unsaved', { n })}</span>
        <button type="button" class="btn" disabled=${saving.value} onClick=${discard}>${t('set.discard')}</button>
        <button type="button" class="btn primary" disabled=${saving.value || bad.value.length > 0} onClick=${save}>
          ${t('common.save')}
        </button>
      </div>
    </div>
  `;
}

function Body() {
  const [data, error] = [settings.data.value, settings.error.value];
  if (!data && error) {
    return html`
      <div class="card">
        <${Failed} panel=${t('nav.settings')} error=${error} onRetry=${settings.now} />
      </div>
    `;
  }
  if (!data) {
    return html`
      <div class="card">
        <${Loading} rows=${12} />
      </div>
    `;
  }
  return html`
    <div class="set-grid">
      <div class="set-column">
        <${Severities} />
        <${Limits} />
        <${AtStart} read=${data.read} />
      </div>
      <div class="set-column">
        <${Channels} notify=${data.notify} />
        <${Messages} notify=${data.notify} />
        <${Accounts} read=${data.read} />
        <${Retention} read=${data.read} />
      </div>
    </div>
    <${SaveBar} />
  `;
}

export function Settings() {
  const waits = settings.data.value?.notify.waiting > 0;
  useEffect(() => {
    settings.now();
  }, []);
  useEffect(() => onFlush((events) => events.some(({ kind }) => NEWS.test(kind)) && settings.refresh()), []);
  useEffect(() => {
    const timer = waits ? setInterval(settings.refresh, AGAIN_MS) : null;
    return () => clearInterval(timer);
  }, [waits]);
  return html`
    <${Shell} title=${t('nav.settings')} kind="settings">
      <${Body} />
    <//>
  `;
}
