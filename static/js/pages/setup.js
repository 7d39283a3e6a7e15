import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { go } from '../router.js';
import { site } from '../state/prefs.js';
import { user } from '../state/session.js';
import { askDue, checkup, due, dueError, mayCheck } from '../state/setup.js';
import { t } from '../words/index.js';
import { AdminForm } from '../widgets/settings/setup-admin.js';
import { Checks, findingsOf, worst } from '../widgets/settings/setup-checks.js';
import { Empty, Failed, Loading } from '../widgets/parts/states.js';
import { EnvBadge, LangSwitch, ThemeButton } from '../widgets/shell/topbar.js';

const STEPS = ['admin', 'merchant', 'keys', 'notify', 'check'];

// The text of the rail under a step that was visited.
function noteOf(step, at) {
  if (step === 'admin') return user.value ? user.value.name : t('setup.now');
  if (!checkup.data.value) return step === STEPS[at] ? t('setup.now') : '';
  if (step === 'merchant') return checkup.data.value.merchants.map(({ mchId }) => mchId).join(' · ');
  return t(`chk.grade.${worst(findingsOf(step))}`);
}

function Step({ step, i, at, onGo }) {
  const done = i < at || (step === 'admin' && user.value);
  const note = noteOf(step, at);
  const dot = html`
    <span class="setup-dot">
      ${done ? html`<${Icon} name="check" size=${14} />` : i + 1}
    </span>
  `;
  const words = html`
    <span class="setup-words">
      <span class="setup-name">${t(`setup.step.${step}`)}</span>
      ${(done || i === at) && note && html`<bdi class="small quiet">${note}</bdi>`}
    </span>
  `;
  const kind = `setup-step ${done ? 'done' : ''} ${i === at ? 'now' : ''}`;
  const may = mayCheck() && i > 0;
  return html`
    <li aria-current=${i === at ? 'step' : undefined}>
      ${may
        ? html`<button type="button" class=${kind} onClick=${() => onGo(i)}>${dot}${words}</button>`
        : html`<span class=${kind}>${dot}${words}</span>`}
    </li>
  `;
}

const Rail = ({ at, onGo }) => html`
  <aside class="setup-rail" aria-label=${t('setup.title')}>
    <div class="brand">
      <span class="logo">
        <${Icon} name="monitor" size=${18} />
      </span>
      <b>${t('setup.title')}</b>
    </div>
    <ol class="setup-steps">
      ${STEPS.map((step, i) => html`<${Step} key=${step} step=${step} i=${i} at=${at} onGo=${onGo} />`)}
    </ol>
    <p class="small quiet">${t('setup.foot')}</p>
    <div class="setup-tools">
      <${LangSwitch} />
      <${ThemeButton} />
      ${site.mode === 'simulation' && html`<${EnvBadge} />`}
    </div>
  </aside>
`;

const Foot = ({ at, onGo }) => html`
  <div class="setup-foot">
    ${at > 1 && html`<button type="button" class="btn" onClick=${() => onGo(at - 1)}>${t('setup.back')}</button>`}
    <span class="grow"></span>
    ${at === STEPS.length - 1 && html`
      <button type="button" class="btn" onClick=${checkup.now}>${t('setup.again')}</button>
    `}
    ${at < STEPS.length - 1
      ? html`<button type="button" class="btn primary" onClick=${() => onGo(at + 1)}>${t('setup.next')}</button>`
      : html`<button type="button" class="btn primary" onClick=${() => go('/')}>${t('setup.done')}</button>`}
  </div>
`;

function Work({ at, onGo }) {
  const step = STEPS[at];
  return html`
    <p class="small quiet">${t('setup.of', { n: at + 1, all: STEPS.length })}</p>
    <h1>${t(`setup.step.${step}`)}</h1>
    <p class="setup-why">${t(`setup.why.${step}`)}</p>
    ${step === 'admin'
      ? html`<${AdminForm} onDone=${() => onGo(1)} />`
      : html`
          <${Checks} step=${step} />
          <${Foot} at=${at} onGo=${onGo} />
        `}
  `;
}

function Main({ at, onGo }) {
  if (dueError.value) return html`<${Failed} panel=${t('setup.title')} error=${dueError.value} onRetry=${askDue} />`;
  if (due.value === null) return html`<${Loading} rows=${4} />`;
  if (due.value || mayCheck()) return html`<${Work} at=${at} onGo=${onGo} />`;
  return html`
    <${Empty} icon="lock" title=${t('setup.over')} why=${t('setup.over.why')}>
      <a class="btn primary" href="/login">${t('login.title')}</a>
    <//>
  `;
}

export function Setup() {
  const [at, setAt] = useState(0);
  useEffect(() => {
    askDue();
  }, []);
  useEffect(() => {
    document.title = t('app.title', { page: t('setup.title') });
  });
  useEffect(() => {
    if (!mayCheck()) return;
    if (at === 0) setAt(1);
    checkup.refresh();
  }, [user.value]);
  const open = (i) => {
    setAt(i);
    document.getElementById('main').focus();
  };
  return html`
    <div class="setup">
      ${site.mode === 'simulation' && html`<div class="hazard" aria-hidden="true"></div>`}
      <${Rail} at=${at} onGo=${open} />
      <main id="main" class="setup-main" tabindex="-1">
        <${Main} at=${at} onGo=${open} />
      </main>
    </div>
  `;
}
