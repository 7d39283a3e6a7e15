import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../icons.js';
import {
  chooseKeys,
  chooseLang,
  chooseSound,
  chooseSteps,
  chooseTheme,
  singleKeys,
  sound,
  steps,
  theme,
} from '../state/prefs.js';
import { factor, sessions } from '../state/people/profile.js';
import { logout, may, user } from '../state/session.js';
import { lang, t, word } from '../words/index.js';
import { Avatar, Seg, User } from '../widgets/parts/basic.js';
import { OffDialog, SetupDialog } from '../widgets/people/second-factor.js';
import { openHelp } from '../widgets/shell/help.js';
import { PasswordForm } from '../widgets/people/password-form.js';
import { Sessions } from '../widgets/people/sessions.js';
import { Shell } from '../widgets/shell/shell.js';
import { Failed, Loading } from '../widgets/parts/states.js';

const Card = ({ title, children }) => html`
  <section class="card people-card" aria-label=${title}>
    <h2>${title}</h2>
    ${children}
  </section>
`;
const Row = ({ label, children }) => html`
  <div class="setting">
    <span class="setting-label">${label}</span>
    ${children}
  </div>
`;
const Switch = ({ signal, onChoose, label, why }) => html`
  <label class="check switch">
    <input type="checkbox" checked=${signal.value} onChange=${(event) => onChoose(event.currentTarget.checked)} />
    <span>
      ${label}
      <br />
      <span class="small quiet">${why}</span>
    </span>
  </label>
`;

function Look() {
  const langs = [
    { id: 'zh-CN', text: '中文', lang: 'zh-CN' },
    { id: 'en', text: 'English', lang: 'en' },
  ];
  const themes = ['light', 'dark'].map((id) => ({ id, text: t(`me.theme.${id}`) }));
  return html`
    <${Card} title=${t('me.look')}>
      <${Row} label=${t('lang.switch')}>
        <${Seg} label=${t('lang.switch')} options=${langs} value=${lang.value} onChoose=${chooseLang} />
      <//>
      <${Row} label=${t('me.theme')}>
        <${Seg} label=${t('me.theme')} options=${themes} value=${theme.value} onChoose=${chooseTheme} />
      <//>
      <${Switch} signal=${singleKeys} onChoose=${chooseKeys} label=${t('keys.on')} why=${t('me.keys.why')} />
      <${Switch} signal=${sound} onChoose=${chooseSound} label=${t('me.sound')} why=${t('me.sound.why')} />
      ${may('resolve') && html`<${Switch} signal=${steps} onChoose=${chooseSteps} label=${t('steps.show')} />`}
      <button type="button" class="link" onClick=${openHelp}>${t('me.keys.list')}</button>
    <//>
  `;
}

function FactorState({ onOpen }) {
  const { data, error, now } = factor;
  if (!data.value && error.value) {
    return html`<${Failed} panel=${t('totp.title')} error=${error.value} onRetry=${now} />`;
  }
  if (!data.value) return html`<${Loading} rows=${1} />`;
  const { on, recoveryCodesLeft: n } = data.value;
  return html`
    <p class="status">
      <${Icon} name=${on ? 'paid' : 'closed'} tone=${on ? 'ok' : 'quiet'} />
      <b>${t(on ? 'totp.on' : 'totp.off')}</b>
      ${on && html`<span class="quiet small">${t('totp.left', { n })}</span>`}
    </p>
    <p class="small quiet">${t('totp.why')}</p>
    <div class="form-foot">
      <button type="button" class="btn ${on ? '' : 'primary'}" onClick=${onOpen}>
        ${t(on ? 'totp.off.open' : 'totp.on.open')}
      </button>
    </div>
  `;
}

function Factor() {
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  return html`
    <${Card} title=${t('totp.title')}>
      <${FactorState} onOpen=${() => setOpen(factor.data.value.on ? 'off' : 'on')} />
      ${open === 'on' && html`<${SetupDialog} onClose=${close} />`}
      ${open === 'off' && html`<${OffDialog} onClose=${close} />`}
    <//>
  `;
}

const Who = () => html`
  <section class="card people-card me-who">
    <${Avatar} name=${user.value.name} />
    <div class="grow">
      <p>
        <b>
          <${User} text=${user.value.name} />
        </b>
      </p>
      <p class="small quiet">${word('role', user.value.role)}</p>
    </div>
    <button type="button" class="btn" onClick=${logout}>${t('user.logout')}</button>
  </section>
`;

export function Me() {
  useEffect(() => {
    factor.now();
    sessions.now();
  }, []);
  return html`
    <${Shell} title=${t('nav.me')} kind="me">
      <${Who} />
      <div class="people-grid">
        <div class="people-column">
          <${Look} />
          <${Factor} />
        </div>
        <div class="people-column">
          <${Card} title=${t('pw.title')}>
            <${PasswordForm} />
          <//>
          <${Card} title=${t('ses.title')}>
            <${Sessions} />
          <//>
        </div>
      </div>
    <//>
  `;
}
