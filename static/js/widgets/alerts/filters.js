// Above the list: the tabs with their counts, what to leave out, and how to be told of a new one.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { kindWord } from '../../sentences/explain.js';
import { Icon } from '../../icons.js';
import { useKeys } from '../parts/keyboard.js';
import { setParam } from '../../router.js';
import { askDesktop, canNotify, isBlocked } from '../../state/alerts/bell.js';
import { countOf, filters, ME, NOBODY, tab, TABS } from '../../state/alerts/list.js';
import { KINDS, SEVERITIES, unresolved } from '../../state/alerts/unresolved.js';
import { assignees, loadAssignees } from '../../state/alerts/assignees.js';
import { chooseSound, desktop, sound } from '../../state/prefs.js';
import { t, word } from '../../words/index.js';
import { Seg } from '../parts/basic.js';
import { Dialog } from '../parts/dialog.js';

const tabWords = (name) => `${t(`alerts.tab.${name}`)}${countOf(name) === null ? '' : ` ${countOf(name)}`}`;

const Choice = ({ name, options }) => html`
  <label class="filter ${filters[name].value ? 'on' : ''}">
    <span class="small quiet">${t(`alerts.filter.${name}`)}</span>
    <select
      class="select"
      name=${name}
      value=${filters[name].value}
      onChange=${(event) => setParam(name, event.currentTarget.value)}
    >
      <option value="">${t('common.all')}</option>
      ${options.map(([id, words]) => html`
        <option key=${id} value=${id} selected=${id === filters[name].value}>${words}</option>
      `)}
    </select>
  </label>
`;

// The users who may have a case, and those who have one now.
function people() {
  const known = (assignees.data.value ?? []).map(({ name }) => name);
  const named = (unresolved.data.value?.list ?? []).map(({ assignee }) => assignee).filter(Boolean);
  const chosen = [ME, NOBODY].includes(filters.assignee.value) ? [] : [filters.assignee.value].filter(Boolean);
  return [...new Set([...known, ...named, ...chosen])].sort().map((name) => [name, name]);
}

const Switch = ({ label, checked, onChange, disabled, first }) => html`
  <label class="check">
    <input
      type="checkbox"
      checked=${checked}
      disabled=${disabled}
      data-first=${first}
      onChange=${(event) => onChange(event.currentTarget.checked)}
    />
    ${label}
  </label>
`;

function Bell({ onClose }) {
  const why = !canNotify() ? 'bell.none' : isBlocked() ? 'bell.blocked' : null;
  return html`
    <${Dialog} title=${t('bell.title')} onClose=${onClose} kind="narrow">
      <p class="small quiet">${t('bell.why')}</p>
      <${Switch} label=${t('bell.sound')} checked=${sound.value} onChange=${chooseSound} first />
      <${Switch}
        label=${t('bell.desktop')}
        checked=${desktop.value && !why}
        onChange=${askDesktop}
        disabled=${Boolean(why)}
      />
      ${why && html`<p class="small quiet">${t(why)}</p>`}
      <div class="dialog-foot">
        <button type="button" class="btn primary" onClick=${onClose}>${t('common.close')}</button>
      </div>
    <//>
  `;
}

export function AlertFilters() {
  const [bell, setBell] = useState(false);
  const box = useRef(null);
  useEffect(() => {
    loadAssignees();
  }, []);
  useKeys({ f: () => box.current.querySelector('select').focus() });
  return html`
    <div class="list-bar" ref=${box}>
      <${Seg}
        label=${t('alerts.tabs')}
        options=${TABS.map((id) => ({ id, text: tabWords(id) }))}
        value=${tab.value}
        onChoose=${(id) => setParam('tab', id === 'unresolved' ? '' : id)}
      />
      <span class="grow"></span>
      <div class="filters" role="group" aria-label=${t('alerts.filters')}>
        <${Choice} name="severity" options=${SEVERITIES.slice(0, 4).map((id) => [id, word('sev', id)])} />
        <${Choice} name="kind" options=${KINDS.map((id) => [id, kindWord(id)])} />
        <${Choice} name="assignee" options=${[[ME, t('alerts.me')], [NOBODY, t('alerts.nobody')], ...people()]} />
        <button
          type="button"
          class="btn icon"
          aria-label=${t('bell.title')}
          title=${t('bell.title')}
          onClick=${() => setBell(true)}
        >
          <${Icon} name="bell" />
        </button>
      </div>
      ${bell && html`<${Bell} onClose=${() => setBell(false)} />`}
    </div>
  `;
}
