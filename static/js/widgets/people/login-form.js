// The sign-in fields; on the login page, and in the dialog when a session ended under an open page.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { login } from '../../state/session.js';
import { t } from '../../words/index.js';

const WORDS = { bad_credentials: 'login.bad', bad_code: 'login.code.bad' };
const ASKS_CODE = ['code_needed', 'bad_code'];

export function signInFault(error) {
  if (WORDS[error.code]) return t(WORDS[error.code]);
  if (error.status === 429) {
    return error.retryAfter ? t('login.slow', { n: error.retryAfter }) : t('login.slow.unknown');
  }
  return error.message || t('error.network');
}

const Field = ({ name, label, icon, hint, children, ...input }) => html`
  <div class="field">
    <label for=${`login-${name}`}>${label}</label>
    <div class="input">
      <${Icon} name=${icon} tone="ink" />
      <input id=${`login-${name}`} name=${name} ...${input} />
      ${children}
    </div>
    ${hint && html`<p class="small quiet" id=${`login-${name}-hint`}>${hint}</p>`}
  </div>
`;

export function PasswordField({ bad, ...more }) {
  const [shown, show] = useState(false);
  const label = t(shown ? 'login.hide' : 'login.show');
  return html`
    <${Field}
      name="password"
      label=${t('login.password')}
      icon="lock"
      type=${shown ? 'text' : 'password'}
      maxlength="128"
      autocomplete="current-password"
      aria-invalid=${bad}
      aria-describedby=${bad ? 'login-error' : undefined}
      ...${more}
    >
      <button
        type="button"
        class="btn ghost small"
        aria-pressed=${String(shown)}
        aria-label=${label}
        onClick=${() => show(!shown)}
      >
        <${Icon} name="eye" />
      </button>
    <//>
  `;
}

const CodeField = ({ bad }) => html`
  <${Field}
    name="code"
    label=${t('login.code')}
    icon="key"
    maxlength="32"
    autocomplete="one-time-code"
    autocapitalize="none"
    spellcheck=${false}
    placeholder=${t('login.code.place')}
    hint=${t('login.code.hint')}
    aria-invalid=${bad}
    aria-describedby=${bad ? 'login-error login-code-hint' : 'login-code-hint'}
  />
`;

// The field for the code is there once the server has asked for one; then the focus goes into it.
function useSignIn() {
  const [error, setError] = useState(null);
  const [asksCode, askCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const form = useRef(null);
  useEffect(() => {
    const place = error && !(asksCode && ASKS_CODE.includes(error.code)) ? '#login-error' : asksCode && '[name=code]';
    if (place) form.current.querySelector(place)?.focus();
  }, [error, asksCode]);
  const submit = async (event) => {
    event.preventDefault();
    const { username, password, code } = Object.fromEntries(new FormData(event.currentTarget));
    if (!username.trim() || !password) return setError({ message: t('login.missing') });
    if (asksCode && !code.trim()) return setError({ message: t('login.code.missing') });
    setBusy(true);
    try {
      await login({ username: username.trim(), password, ...(asksCode && { code: code.trim() }) });
    } catch (problem) {
      setBusy(false);
      if (ASKS_CODE.includes(problem.code)) askCode(true);
      setError(problem.code === 'code_needed' ? null : problem);
    }
    return undefined;
  };
  return { error, asksCode, busy, form, submit };
}

export function LoginForm() {
  const { error, asksCode, busy, form, submit } = useSignIn();
  const badCode = error?.code === 'bad_code' ? 'true' : undefined;
  return html`
    <form class="login-form" onSubmit=${submit} novalidate ref=${form}>
      ${error && html`
        <div class="note-box crit" role="alert" id="login-error" tabindex="-1">
          <${Icon} name="failed" />
          <span>${signInFault(error)}</span>
        </div>
      `}
      <${Field}
        name="username"
        label=${t('login.user')}
        icon="user"
        autocomplete="username"
        autocapitalize="none"
        spellcheck=${false}
        data-first
      />
      <${PasswordField} bad=${error && !badCode ? 'true' : undefined} />
      ${asksCode && html`<${CodeField} bad=${badCode} />`}
      <button type="submit" class="btn primary large" disabled=${busy}>
        ${t(busy ? 'login.busy' : 'login.submit')}
      </button>
    </form>
  `;
}
