// Fields of the forms about people: a label, the input, and a line that says what is wrong or asked for.
import { useId, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { t } from '../../words/index.js';

const ROOM = '\u00A0'; // the line has its place before it says something, so that no button moves under a click

export function Field({ label, hint, fault, good, children, ...input }) {
  const id = useId();
  const line = fault || good || hint;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <div class="input ${fault ? 'wrong' : ''}">
        <input
          id=${id}
          aria-invalid=${fault ? 'true' : undefined}
          aria-describedby=${line ? `${id}-line` : undefined}
          ...${input}
        />
        ${children}
      </div>
      ${line && html`
        <p class="field-line small ${fault ? 'bad' : good ? 'tone-ok' : 'quiet'}" id=${`${id}-line`}>
          ${fault
            ? html`<${Icon} name="failed" size=${14} />`
            : good ? html`<${Icon} name="paid" size=${14} />` : null}
          <span>${line}</span>
        </p>
      `}
    </div>
  `;
}

export function Secret({ children, ...more }) {
  const [shown, show] = useState(false);
  const label = t(shown ? 'login.hide' : 'login.show');
  return html`
    <${Field} type=${shown ? 'text' : 'password'} maxlength="128" spellcheck=${false} ...${more}>
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

// A new password, twice; `value` is {password, again}. Each is judged when the reader leaves it.
export function NewPassword({ value, onInput, first }) {
  const [left, setLeft] = useState({});
  const { password, again } = value;
  const short = left.password && password.length < 12 ? t('pw.short', { n: password.length }) : null;
  const other = left.again && again !== password ? t('pw.differ') : null;
  const leave = (name) => () => setLeft({ ...left, [name]: true });
  const put = (name) => (event) => onInput({ ...value, [name]: event.currentTarget.value });
  return html`
    <${Secret}
      label=${t('pw.new')}
      name="new"
      autocomplete="new-password"
      value=${password}
      onInput=${put('password')}
      onBlur=${leave('password')}
      hint=${t('pw.hint')}
      fault=${short}
      good=${left.password && password.length >= 12 ? t('pw.ok') : null}
      data-first=${first}
    />
    <${Secret}
      label=${t('pw.again')}
      name="again"
      autocomplete="new-password"
      value=${again}
      onInput=${put('again')}
      onBlur=${leave('again')}
      hint=${ROOM}
      fault=${other}
      good=${left.again && again && again === password ? t('pw.same') : null}
    />
  `;
}

export function passwordFault({ password, again }) {
  if (password.length < 12) return t('pw.short', { n: password.length });
  return password === again ? null : t('pw.differ');
}

export const Fault = ({ words }) =>
  words &&
  html`
    <div class="note-box crit" role="alert">
      <${Icon} name="failed" />
      <span>${words}</span>
    </div>
  `;
