// The second factor: setting it up with a picture and a code, the printed codes, switching it off.
import { useEffect, useState } from 'preact/hooks';
import { faultWords } from '../../sentences/faults.js';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { beginFactor, disableFactor, enableFactor, keptCodes, recovery } from '../../state/people/profile.js';
import { toast } from '../../state/toasts.js';
import { t } from '../../words/index.js';
import { CopyButton } from '../parts/basic.js';
import { Dialog } from '../parts/dialog.js';
import { Fault, Field, Secret } from './fields.js';
import { signInFault } from './login-form.js';
import { Failed, Loading } from '../parts/states.js';

const words = (error) =>
  error.code === 'bad_code'
    ? t('totp.bad')
    : error.code === 'bad_credentials'
      ? t('confirm.bad')
      : error.status === 429
        ? signInFault(error)
        : faultWords(error);
const CodeField = (more) => html`
  <${Field}
    label=${t('login.code')}
    name="code"
    maxlength="32"
    autocomplete="one-time-code"
    spellcheck=${false}
    autocapitalize="none"
    ...${more}
  />
`;

function Codes({ onDone }) {
  const text = recovery.value.join('\n');
  return html`
    <div class="people-form">
      <p class="note-box warn">
        <${Icon} name="high" tone="warn" />
        <span>${t('totp.codes.why')}</span>
      </p>
      <ul class="codes mono">
        ${recovery.value.map((code) => html`<li key=${code}>${code}</li>`)}
      </ul>
      <div class="dialog-foot">
        <${CopyButton} text=${text} label=${t('totp.codes.copy')} />
        <span class="grow"></span>
        <button type="button" class="btn primary" data-first onClick=${onDone}>${t('totp.codes.kept')}</button>
      </div>
    </div>
  `;
}

function Shown({ made }) {
  return html`
    <ol class="totp-steps">
      <li>
        ${t('totp.step.scan')}
        <div class="totp-picture">
          <img src=${made.picture} width="196" height="196" alt=${t('totp.picture')} />
          <div class="totp-text">
            <p class="small quiet">${t('totp.text')}</p>
            <p class="mono totp-secret">${made.secret.match(/.{1,4}/g).join(' ')}</p>
            <${CopyButton} text=${made.secret} label=${t('common.copy')} />
          </div>
        </div>
      </li>
      <li>${t('totp.step.code')}</li>
    </ol>
  `;
}

// `onDone`: the codes are kept. `onClose`: nothing was switched on.
export function FactorSetup({ onDone, onClose }) {
  const [made, setMade] = useState(null);
  const [problem, setProblem] = useState(null);
  const [code, setCode] = useState('');
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const begin = () => {
    setProblem(null);
    beginFactor().then((answer) => (answer ? setMade(answer) : onClose()), setProblem);
  };
  useEffect(begin, []);
  const submit = async (event) => {
    event.preventDefault();
    if (!code.trim()) return setFault(t('totp.need'));
    setBusy(true);
    setFault(null);
    await enableFactor(code.trim()).catch((error) => setFault(words(error)));
    return setBusy(false);
  };
  if (recovery.value) return html`<${Codes} onDone=${onDone} />`;
  if (problem) return html`<${Failed} panel=${t('totp.title')} error=${problem} onRetry=${begin} />`;
  if (!made) return html`<${Loading} rows=${4} />`;
  return html`
    <form class="people-form" onSubmit=${submit} novalidate>
      <${Fault} words=${fault} />
      <${Shown} made=${made} />
      <${CodeField}
        value=${code}
        onInput=${(event) => setCode(event.currentTarget.value)}
        inputmode="numeric"
        placeholder=${t('login.code.place')}
        data-first
      />
      <div class="dialog-foot">
        <button type="button" class="btn" onClick=${onClose}>${t('common.cancel')}</button>
        <button type="submit" class="btn primary" disabled=${busy}>${t('totp.on.do')}</button>
      </div>
    </form>
  `;
}

export function SetupDialog({ onClose }) {
  const done = async () => {
    await keptCodes();
    toast('ok', t('totp.done'));
    onClose();
  };
  // The codes are shown once: only the button that says they are kept leads on.
  return html`
    <${Dialog} title=${t('totp.title')} onClose=${() => !recovery.value && onClose()} kind="totp-dialog">
      <${FactorSetup} onDone=${done} onClose=${onClose} />
    <//>
  `;
}

export function OffDialog({ onClose }) {
  const [value, setValue] = useState({ code: '', password: '' });
  const [fault, setFault] = useState(null);
  const put = (name) => (event) => setValue({ ...value, [name]: event.currentTarget.value });
  const submit = async (event) => {
    event.preventDefault();
    if (!value.code.trim() || !value.password) return setFault(t('totp.off.need'));
    try {
      await disableFactor(value.code.trim(), value.password);
      toast('ok', t('totp.off.done'));
      onClose();
    } catch (error) {
      setFault(words(error));
    }
    return undefined;
  };
  return html`
    <${Dialog} title=${t('totp.off.title')} onClose=${onClose} touched=${Boolean(value.code || value.password)}>
      ${(leave) => html`
        <form onSubmit=${submit} novalidate>
          <p>${t('totp.off.why')}</p>
          <${Fault} words=${fault} />
          <${Secret}
            label=${t('login.password')}
            name="password"
            autocomplete="current-password"
            value=${value.password}
            onInput=${put('password')}
            data-first
          />
          <${CodeField} value=${value.code} onInput=${put('code')} hint=${t('login.code.hint')} />
          <div class="dialog-foot">
            <button type="button" class="btn" onClick=${leave}>${t('common.cancel')}</button>
            <button type="submit" class="btn risky">${t('totp.off.do')}</button>
          </div>
        </form>
      `}
    <//>
  `;
}
