// Where alerts go outside the browser: the channels with a test, and the last messages.
import { html } from '../../html.js';
import { kindWord } from '../../sentences/explain.js';
import { Icon } from '../../icons.js';
import { alertPath } from '../../router.js';
import { stampAt } from '../../state/clock.js';
import { tested, testChannels, testing } from '../../state/settings.js';
import { t, word } from '../../words/index.js';
import { Level } from './alert-rules.js';
import { CopyButton, Time } from '../parts/basic.js';

const INSTALL = "pip install 'paywatch[notify]'";
const SAMPLE = 'PAYWATCH_NOTIFY_URLS="wecombot://KEY"';

function reasonWords(reason) {
  const [, how, number] = /^(http|refused)_(-?\d+)$/.exec(reason ?? '') ?? [];
  return how ? t(`set.reason.${how}_n`, { n: number }) : word('set.reason', reason ?? 'refused');
}

const Paste = ({ text }) => html`
  <p class="set-paste">
    <code class="mono">${text}</code>
    <${CopyButton} text=${text} />
  </p>
`;

const Result = ({ ok, reason, words }) => html`
  <span class="status ${ok ? '' : 'bad'}" role="status">
    <${Icon} name=${ok ? 'paid' : 'failed'} size=${15} tone=${ok ? 'ok' : 'crit'} />
    ${ok ? t('set.test.ok') : reasonWords(reason)}
    ${!ok && words && html` <bdi class="small quiet">${words}</bdi>`}
  </span>
`;

const Channel = ({ channel }) => html`
  <li class="set-row">
    <div class="set-what">
      <h3>
        ${word('set.channel', channel.kind)} <bdi class="mono quiet plain-weight">${channel.hint}</bdi>
      </h3>
    </div>
    ${tested.value[channel.id] && !testing.value && html`<${Result} ...${tested.value[channel.id]} />`}
  </li>
`;

function Nothing() {
  return html`
    <div class="set-none">
      <p>
        <b>${t('set.channels.none')}</b>
      </p>
      <p class="small quiet">${t('set.channels.none.why')}</p>
      <${Paste} text=${SAMPLE} />
    </div>
  `;
}

export function Channels({ notify }) {
  const any = notify.channels.length > 0;
  return html`
    <section class="card" aria-labelledby="set-channels">
      <div class="card-head">
        <h2 id="set-channels">${t('set.channels')}</h2>
        <span class="sub grow">${any && t('set.channels.n', { n: notify.channels.length })}</span>
        ${any && html`
          <button type="button" class="btn small" disabled=${testing.value} onClick=${testChannels}>
            ${t(testing.value ? 'set.testing' : 'set.test')}
          </button>
        `}
      </div>
      ${!notify.installed && html`
        <div class="set-none">
          <p class="note-box warn">
            <${Icon} name="medium" tone="warn" />
            <span>${t('set.notinstalled')}</span>
          </p>
          <${Paste} text=${INSTALL} />
        </div>
      `}
      ${any
        ? html`
            <ul class="set-list">
              ${notify.channels.map((channel) => html`<${Channel} key=${channel.id} channel=${channel} />`)}
            </ul>
          `
        : html`<${Nothing} />`}
      <div class="set-row set-leaves">
        <div class="set-what">
          <h3>${t('set.leaves')}</h3>
          <p class="small quiet">${t('set.leaves.why')}</p>
        </div>
        <${Level} name="leave.severity" label=${t('set.leaves')} />
      </div>
    </section>
  `;
}

const STATES = {
  waiting: ['pending', 'warn'],
  sent: ['paid', 'ok'],
  failed: ['failed', 'crit'],
  dropped: ['closed', 'quiet'],
};

function Message({ message }) {
  const { state, reason, attempts } = message;
  const [icon, tone] = STATES[state] ?? ['low', 'quiet'];
  const why = [reason && reasonWords(reason), state !== 'sent' && attempts > 0 && t('set.attempts', { n: attempts })]
    .filter(Boolean)
    .join(' · ');
  return html`
    <li class="set-message">
      <span class="set-message-line">
        <a href=${alertPath(message.alertId)}>${kindWord(message.alertKind)}</a>
        <span class="quiet">→ ${word('set.channel', message.channelKind)}</span>
        <span class="grow"></span>
        <${Time} class="small quiet" at=${message.createdAt} show=${stampAt} />
      </span>
      <span class="status">
        <${Icon} name=${icon} size=${15} tone=${tone} />
        ${t(`set.state.${state}`)}
      </span>
      ${why && html`<span class="small quiet">${why}</span>`}
    </li>
  `;
}

export const Messages = ({ notify }) => html`
  <section class="card" aria-labelledby="set-messages">
    <div class="card-head">
      <h2 id="set-messages">${t('set.messages')}</h2>
      <span class="sub">${notify.waiting > 0 && t('set.messages.waiting', { n: notify.waiting })}</span>
    </div>
    ${notify.messages.length
      ? html`
          <ol class="set-messages" tabindex="0" aria-label=${t('set.messages')}>
            ${notify.messages.map((message) => html`<${Message} key=${message.id} message=${message} />`)}
          </ol>
        `
      : html`<p class="set-none small quiet">${t('set.messages.none')}</p>`}
  </section>
`;
