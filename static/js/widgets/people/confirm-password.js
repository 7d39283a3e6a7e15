// Asks for the password again, above whatever dialog the deed came from, and lets the deed go on.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { asking, givePassword } from '../../state/people/confirm-password.js';
import { t } from '../../words/index.js';
import { Dialog } from '../parts/dialog.js';
import { PasswordField, signInFault } from './login-form.js';

const faultOf = (error) => (error.code === 'bad_credentials' ? t('confirm.bad') : signInFault(error));

function Question() {
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const problem = useRef(null);
  useEffect(() => {
    if (fault) problem.current.focus();
  }, [fault]);
  const close = () => asking.value?.(false);
  const send = async (event) => {
    event.preventDefault();
    const { password } = Object.fromEntries(new FormData(event.currentTarget));
    if (!password) return setFault(t('confirm.missing'));
    setBusy(true);
    await givePassword(password).catch((error) => {
      setBusy(false);
      setFault(faultOf(error));
    });
    return undefined;
  };
  return html`
    <${Dialog} title=${t('confirm.title')} onClose=${close} kind="narrow">
      <form onSubmit=${send} novalidate>
        <p>${t('confirm.why')}</p>
        ${fault && html`
          <div class="note-box crit" role="alert" id="login-error" tabindex="-1" ref=${problem}>
            <${Icon} name="failed" />
            ${fault}
          </div>
        `}
        <${PasswordField} bad=${fault ? 'true' : undefined} data-first />
        <div class="dialog-foot">
          <button type="button" class="btn" onClick=${close}>${t('common.cancel')}</button>
          <button type="submit" class="btn primary" disabled=${busy}>${t('confirm.ok')}</button>
        </div>
      </form>
    <//>
  `;
}

export const ConfirmPassword = () => asking.value && html`<${Question} />`;
