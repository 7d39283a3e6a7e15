// To whom a case is given.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { assignees, loadAssignees } from '../../state/alerts/assignees.js';
import { user } from '../../state/session.js';
import { t, word } from '../../words/index.js';
import { Avatar, User } from '../parts/basic.js';
import { Dialog } from '../parts/dialog.js';
import { Failed, Loading } from '../parts/states.js';

const MANY = 8; // more are found by typing

function People({ list, value, onChoose }) {
  const [typed, setTyped] = useState('');
  const found = list.filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()));
  return html`
    ${list.length > MANY && html`
      <div class="field">
        <label for="assign-find">${t('assign.find')}</label>
        <div class="input">
          <input
            id="assign-find"
            type="search"
            maxlength="64"
            value=${typed}
            onInput=${(event) => setTyped(event.currentTarget.value)}
            data-first
          />
        </div>
      </div>
    `}
    <fieldset class="field plain choices people">
      <legend>${t('assign.to')}</legend>
      ${found.map(({ name, role }, i) => html`
        <label class="choice ${value === name ? 'chosen' : ''}" key=${name}>
          <input
            type="radio"
            name="assignee"
            value=${name}
            checked=${value === name}
            onChange=${() => onChoose(name)}
            data-first=${i === 0 && list.length <= MANY ? true : undefined}
          />
          <${Avatar} name=${name} small />
          <span class="grow">
            <${User} text=${name} />
            ${name === user.value.name && html` <span class="small quiet">${t('assign.me')}</span>`}
          </span>
          <span class="small quiet">${word('role', role)}</span>
        </label>
      `)}
      ${!found.length && html`<p class="small quiet">${t('assign.none')}</p>`}
    </fieldset>
  `;
}

export function AssignDialog({ title, assignee, onSend, onClose }) {
  const [chosen, setChosen] = useState('');
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    loadAssignees();
  }, []);
  const { data, error } = assignees;
  const list = (data.value ?? []).filter(({ name }) => name !== assignee);
  const send = async (event) => {
    event.preventDefault();
    if (!chosen) return setProblem(t('assign.need'));
    setBusy(true);
    const done = await onSend({ assignee: chosen });
    setBusy(false);
    return done && onClose();
  };
  return html`
    <${Dialog} title=${title} onClose=${onClose} kind="narrow">
      <form onSubmit=${send} novalidate>
        ${data.value
          ? html`<${People} list=${list} value=${chosen} onChoose=${setChosen} />`
          : error.value
              ? html`<${Failed} panel=${t('assign.to')} error=${error.value} onRetry=${assignees.now} />`
              : html`<${Loading} rows=${3} />`}
        ${problem && !chosen && html`<p class="bad small" role="alert">${problem}</p>`}
        <div class="dialog-foot">
          <button type="button" class="btn" onClick=${onClose}>${t('common.cancel')}</button>
          <button type="submit" class="btn primary" disabled=${busy || !data.value}>${t('assign.ok')}</button>
        </div>
      </form>
    <//>
  `;
}
