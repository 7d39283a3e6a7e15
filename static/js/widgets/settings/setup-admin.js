// The first step of the set-up: the token from the log, and the first admin.
import { useState } from 'preact/hooks';
import { faultWords } from '../../sentences/faults.js';
import { html } from '../../html.js';
import { createAdmin } from '../../state/setup.js';
import { t } from '../../words/index.js';
import { Fault, Field, NewPassword, passwordFault } from '../people/fields.js';

const NAME = /^[\w.@-]{1,64}$/;
const words = (error) => (error.code === 'bad_setup_token' ? t('setup.token.bad') : faultWords(error));

function faultOf({ token, name, ...secret }) {
  if (!token.trim()) return t('setup.token.need');
  return NAME.test(name.trim()) ? passwordFault(secret) : t('team.name.bad');
}

export function AdminForm({ onDone }) {
  const [value, setValue] = useState({ token: '', name: '', password: '', again: '' });
  const [left, setLeft] = useState(false);
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const put = (name) => (event) => setValue({ ...value, [name]: event.currentTarget.value });
  const submit = async (event) => {
    event.preventDefault();
    const found = faultOf(value);
    setFault(found);
    if (found) return undefined;
    setBusy(true);
    try {
      await createAdmin({ token: value.token.trim(), name: value.name.trim(), password: value.password });
      return onDone();
    } catch (error) {
      setFault(words(error));
      return setBusy(false);
    }
  };
  const named = NAME.test(value.name.trim());
  return html`
    <form class="people-form setup-form" onSubmit=${submit} novalidate>
      <${Fault} words=${fault} />
      <${Field}
        label=${t('setup.token')}
        name="token"
        maxlength="128"
        autocomplete="off"
        autocapitalize="none"
        spellcheck=${false}
        value=${value.token}
        onInput=${put('token')}
        hint=${t('setup.token.hint')}
        data-first
      />
      <${Field}
        label=${t('login.user')}
        name="username"
        maxlength="64"
        autocomplete="username"
        autocapitalize="none"
        spellcheck=${false}
        value=${value.name}
        onInput=${put('name')}
        onBlur=${() => setLeft(true)}
        hint=${t('team.name.hint')}
        fault=${left && value.name && !named ? t('team.name.bad') : null}
        good=${left && named ? t('setup.name.ok') : null}
      />
      <${NewPassword} value=${value} onInput=${setValue} />
      <div class="setup-foot">
        <span class="grow"></span>
        <button type="submit" class="btn primary" disabled=${busy}>${t('setup.create')}</button>
      </div>
    </form>
  `;
}
