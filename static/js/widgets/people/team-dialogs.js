// The dialogs of the team page: a new user; the actions on one; a password that is shown once.
import { useState } from 'preact/hooks';
import { faultWords } from '../../sentences/faults.js';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { user as me } from '../../state/session.js';
import { changeUser, createUser, ROLES } from '../../state/people/team.js';
import { toast } from '../../state/toasts.js';
import { t, word } from '../../words/index.js';
import { CopyButton } from '../parts/basic.js';
import { Dialog } from '../parts/dialog.js';
import { Fault, Field, Secret } from './fields.js';

const Roles = ({ value, onChoose }) => html`
  <fieldset class="field plain choices">
    <legend>${t('team.col.role')}</legend>
    ${ROLES.map((role) => html`
      <label key=${role} class="choice ${role === value ? 'chosen' : ''}">
        <input type="radio" name="role" value=${role} checked=${role === value} onChange=${() => onChoose(role)} />
        <span class="grow">
          <b>${word('role', role)}</b>
          <br />
          <span class="small quiet">${t(`team.role.${role}`)}</span>
        </span>
      </label>
    `)}
  </fieldset>
`;

export const PasswordShown = ({ name, password, onClose }) => html`
  <${Dialog} title=${t('team.once.title', { name })}>
    <p class="note-box warn">
      <${Icon} name="key" tone="warn" />
      <span>${t('team.once.why')}</span>
    </p>
    <p class="once mono">${password}</p>
    <div class="dialog-foot">
      <${CopyButton} text=${password} label=${t('common.copy')} />
      <span class="grow"></span>
      <button type="button" class="btn primary" data-first onClick=${onClose}>${t('team.once.ok')}</button>
    </div>
  <//>
`;

export function CreateDialog({ onClose, onPassword }) {
  const [value, setValue] = useState({ name: '', role: 'support', password: '' });
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const put = (name) => (event) => setValue({ ...value, [name]: event.currentTarget.value });
  const submit = async (event) => {
    event.preventDefault();
    const name = value.name.trim();
    if (!/^[\w.@-]{1,64}$/.test(name)) return setFault(t('team.name.bad'));
    if (value.password && value.password.length < 12) return setFault(t('pw.short', { n: value.password.length }));
    setBusy(true);
    setFault(null);
    const answer = await createUser({ ...value, name }).catch((error) => void setFault(faultWords(error)));
    setBusy(false);
    if (!answer) return undefined;
    toast('ok', t('team.created', { name }));
    return answer.password ? onPassword(name, answer.password) : onClose();
  };
  return html`
    <${Dialog} title=${t('team.create')} onClose=${onClose} touched=${Boolean(value.name || value.password)}>
      ${(leave) => html`
        <form onSubmit=${submit} novalidate>
          <${Fault} words=${fault} />
          <${Field}
            label=${t('login.user')}
            name="name"
            maxlength="64"
            autocomplete="off"
            autocapitalize="none"
            spellcheck=${false}
            value=${value.name}
            onInput=${put('name')}
            hint=${t('team.name.hint')}
            data-first
          />
          <${Roles} value=${value.role} onChoose=${(role) => setValue({ ...value, role })} />
          <${Secret}
            label=${t('team.password')}
            name="new"
            autocomplete="new-password"
            value=${value.password}
            onInput=${put('password')}
            hint=${t('team.password.hint')}
          />
          <div class="dialog-foot">
            <button type="button" class="btn" onClick=${leave}>${t('common.cancel')}</button>
            <button type="submit" class="btn primary" disabled=${busy}>${t('team.create.ok')}</button>
          </div>
        </form>
      `}
    <//>
  `;
}

// The deeds that fit this user; nobody disables or resets themselves.
function deedsFor(user) {
  const own = user.name === me.value.name;
  const all = [
    ['password', !own],
    ['end-sessions', user.sessions > 0],
    ['remove-totp', user.totp && !own],
    ['enable', user.disabled],
    ['disable', !user.disabled && !own],
  ];
  return all.filter(([, fits]) => fits).map(([name]) => name);
}

function Deed({ name, user, asked, onAsk, onDo, busy }) {
  const risky = name === 'disable' || name === 'remove-totp';
  return html`
    <li class="deed">
      <div class="grow">
        <b>${t(`team.deed.${name}`)}</b>
        <p class="small quiet">${t(`team.deed.${name}.why`)}</p>
      </div>
      ${asked
        ? html`
            <span class="deed-ask">
              <button type="button" class="btn small" onClick=${() => onAsk(null)}>${t('common.cancel')}</button>
              <button
                type="button"
                class="btn small ${risky ? 'risky' : 'primary'}"
                disabled=${busy}
                onClick=${() => onDo(name)}
              >
                ${t(`team.deed.${name}.ok`, { name: user.name })}
              </button>
            </span>
          `
        : html`
            <button type="button" class="btn small" onClick=${() => onAsk(name)}>${t(`team.deed.${name}.do`)}</button>
          `}
    </li>
  `;
}

export function ManageDialog({ user, onClose, onPassword }) {
  const [asked, setAsked] = useState(null);
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const run = async (what, body, done) => {
    setBusy(true);
    setFault(null);
    const answer = await changeUser(user.name, what, body).catch((error) => void setFault(faultWords(error)));
    setBusy(false);
    if (!answer) return undefined;
    setAsked(null);
    toast('ok', done);
    return answer.password ? onPassword(user.name, answer.password) : undefined;
  };
  const change = (role) => run('role', { role }, t('team.done.role', { name: user.name, role: word('role', role) }));
  return html`
    <${Dialog} title=${t('team.manage.of', { name: user.name })} onClose=${onClose}>
      <${Fault} words=${fault} />
      <${Roles} value=${user.role} onChoose=${change} />
      <ul class="deeds">
        ${deedsFor(user).map((name) => html`
          <${Deed}
            key=${name}
            name=${name}
            user=${user}
            asked=${asked === name}
            onAsk=${setAsked}
            busy=${busy}
            onDo=${() => run(name, {}, t(`team.done.${name}`, { name: user.name }))}
          />
        `)}
      </ul>
      <div class="dialog-foot">
        <button type="button" class="btn" onClick=${onClose}>${t('common.close')}</button>
      </div>
    <//>
  `;
}
