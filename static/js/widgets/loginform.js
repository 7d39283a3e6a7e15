// The sign-in fields; on the login page, and in the dialog when a session ended under an open page.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { login } from '../state/session.js';
import { t } from '../words/index.js';

export function signInFault(error) {
  if (error.code === 'bad_credentials') return t('login.bad');
  if (error.status === 429) return error.retryAfter ? t('login.slow', { n: error.retryAfter }) : t('login.slow.unknown');
  return error.message || t('error.network');
}

const Field = ({ name, label, icon, children, ...input }) => html`
  <div class="field"><label for=${`login-${name}`}>${label}</label>
    <div class="input"><${Icon} name=${icon} tone="ink" /><input id=${`login-${name}`} name=${name} ...${input} />${children}</div></div>`;

export function PasswordField({ bad, ...more }) {
  const [shown, show] = useState(false);
  const label = t(shown ? 'login.hide' : 'login.show');
  return html`<${Field} name="password" label=${t('login.password')} icon="lock" type=${shown ? 'text' : 'password'} maxlength="128"
    autocomplete="current-password" aria-invalid=${bad} aria-describedby=${bad ? 'login-error' : undefined} ...${more}>
    <button type="button" class="btn ghost small" aria-pressed=${String(shown)} aria-label=${label} onClick=${() => show(!shown)}><${Icon} name="eye" /></button><//>`;
}

export function LoginForm() {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const problem = useRef(null);
  useEffect(() => { if (error) problem.current.focus(); }, [error]);

  async function submit(event) {
    event.preventDefault();
    const { username, password } = Object.fromEntries(new FormData(event.currentTarget));
    if (!username.trim() || !password) return setError({ message: t('login.missing') });
    setBusy(true);
    try {
      await login({ username: username.trim(), password });
    } catch (problemNow) {
      setBusy(false);
      setError(problemNow);
    }
    return undefined;
  }

  return html`<form class="login-form" onSubmit=${submit} novalidate>
    ${error && html`<div class="note-box crit" role="alert" id="login-error" tabindex="-1" ref=${problem}><${Icon} name="failed" />${signInFault(error)}</div>`}
    <${Field} name="username" label=${t('login.user')} icon="user" autocomplete="username" autocapitalize="none" spellcheck=${false} data-first />
    <${PasswordField} bad=${error ? 'true' : undefined} />
    <button type="submit" class="btn primary large" disabled=${busy}>${t(busy ? 'login.busy' : 'login.submit')}</button></form>`;
}
