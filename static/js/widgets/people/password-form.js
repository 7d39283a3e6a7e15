// Changing one's own password: the old one, the new one twice.
import { useState } from 'preact/hooks';
import { faultWords } from '../../sentences/faults.js';
import { html } from '../../html.js';
import { changePassword } from '../../state/people/profile.js';
import { toast } from '../../state/toasts.js';
import { t } from '../../words/index.js';
import { Fault, NewPassword, passwordFault, Secret } from './fields.js';
import { signInFault } from './login-form.js';

const EMPTY = { old: '', password: '', again: '' };
const words = (error) =>
  error.code === 'bad_credentials' ? t('pw.old.bad') : error.status === 429 ? signInFault(error) : faultWords(error);

function faultOf({ old, ...next }) {
  if (!old) return t('pw.old.need');
  return passwordFault(next) ?? (old === next.password ? t('pw.old.same') : null);
}

export function PasswordForm() {
  const [value, setValue] = useState(EMPTY);
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0); // a new round forgets which fields were left
  const submit = async (event) => {
    event.preventDefault();
    const found = faultOf(value);
    setFault(found);
    if (found) return;
    setBusy(true);
    try {
      await changePassword(value.old, value.password);
      toast('ok', t('pw.done'));
      setValue(EMPTY);
      setRound(round + 1);
    } catch (error) {
      setFault(words(error));
    }
    setBusy(false);
  };
  return html`
    <form class="people-form" key=${round} onSubmit=${submit} novalidate>
      <${Fault} words=${fault} />
      <${Secret}
        label=${t('pw.old')}
        name="old"
        autocomplete="current-password"
        value=${value.old}
        onInput=${(event) => setValue({ ...value, old: event.currentTarget.value })}
      />
      <${NewPassword} value=${value} onInput=${setValue} />
      <div class="form-foot">
        <button type="submit" class="btn primary" disabled=${busy}>${t('pw.submit')}</button>
        <span class="small quiet">${t('pw.ends')}</span>
      </div>
    </form>
  `;
}
