import { useEffect, useState } from 'preact/hooks';
import { ACTIONS, actionWord } from '../sentences/audit.js';
import { count } from '../values/format.js';
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { go, setParam } from '../router.js';
import {
  busy,
  error,
  filtered,
  filters,
  FILTERS,
  hasMore,
  list,
  loadAudit,
  loadMore,
  proof,
  verify,
} from '../state/people/audit.js';
import { t } from '../words/index.js';
import { AuditRows } from '../widgets/people/audit-table.js';
import { Shell } from '../widgets/shell/shell.js';
import { Empty, Failed, Loading } from '../widgets/parts/states.js';

const KINDS = { from: 'date', to: 'date' };
const put = (name) => (event) => setParam(name, event.currentTarget.value.trim());

function Filter({ name }) {
  const id = `audit-${name}`;
  const value = filters.value[name];
  const input =
    name === 'action'
      ? html`
          <select id=${id} class="select" value=${value} onChange=${put(name)}>
            <option value="">${t('common.all')}</option>
            ${ACTIONS.map((action) => html`<option key=${action} value=${action}>${actionWord(action)}</option>`)}
          </select>
        `
      : html`
          <span class="input">
            <input
              id=${id}
              type=${KINDS[name] ?? 'text'}
              value=${value}
              maxlength="128"
              onChange=${put(name)}
              autocapitalize="none"
              spellcheck=${false}
            />
          </span>
        `;
  return html`
    <div class="audit-filter">
      <label class="small quiet" for=${id}>${t(`audit.filter.${name}`)}</label>
      ${input}
    </div>
  `;
}

function Filters() {
  const [round, setRound] = useState(0);
  const clear = () => {
    go('/audit', { replace: true });
    setRound(round + 1);
  };
  return html`
    <form
      class="audit-filters"
      role="search"
      aria-label=${t('audit.filters')}
      key=${round}
      onSubmit=${(event) => event.preventDefault()}
    >
      ${FILTERS.map((name) => html`<${Filter} key=${name} name=${name} />`)}
      ${filtered.value && html`<button type="button" class="btn" onClick=${clear}>${t('orders.none.do')}</button>`}
    </form>
  `;
}

function Body() {
  if (!list.value && error.value) {
    return html`<${Failed} panel=${t('nav.audit')} error=${error.value} onRetry=${loadAudit} />`;
  }
  if (!list.value) return html`<${Loading} rows=${10} />`;
  if (!list.value.length) {
    return html`
      <${Empty}
        icon=${filtered.value ? 'filter' : 'log'}
        title=${t(filtered.value ? 'audit.none' : 'audit.empty')}
        why=${t(filtered.value ? 'audit.none.why' : 'audit.empty.why')}
      />
    `;
  }
  return html`<${AuditRows} list=${list.value} />`;
}

function Proof() {
  const { busy: waiting, problem, whole, rows, seq, flaw } = proof.value ?? {};
  const words = problem
    ? t('error.title', { panel: t('audit.verify') })
    : flaw
      ? t('audit.flaw', { flaw })
      : whole
        ? t('audit.whole', { n: count(rows), seq: count(seq) })
        : '';
  return html`
    <span class="audit-proof" role="status">
      ${words && html`
        <span class="status ${flaw || problem ? 'bad' : ''}">
          <${Icon} name=${whole ? 'paid' : 'failed'} size=${15} tone=${whole ? 'ok' : 'crit'} />
          <span>${words}</span>
        </span>
      `}
    </span>
    <button type="button" class="btn small" disabled=${waiting} onClick=${verify}>${t('audit.verify')}</button>
  `;
}

const Foot = () => html`
  <footer class="list-foot small">
    <span>${t(hasMore.value ? 'audit.foot.more' : 'audit.foot', { n: list.value.length })}</span>
    ${hasMore.value && html`
      <button type="button" class="btn small" disabled=${busy.value} onClick=${loadMore}>${t('common.more')}</button>
    `}
    ${error.value && html`<span class="bad" role="alert">${t('error.title', { panel: t('nav.audit') })}</span>`}
    <span class="grow"></span>
    <${Proof} />
  </footer>
`;

export function Audit() {
  useEffect(() => {
    loadAudit();
  }, [JSON.stringify(filters.value)]);
  return html`
    <${Shell} title=${t('nav.audit')} kind="audit" fixed>
      <${Filters} />
      <section class="card list-card" aria-label=${t('audit.list')} aria-busy=${String(busy.value)}>
        <div class="list-scroll" tabindex="0" role="group" aria-label=${t('audit.list')}>
          <${Body} />
        </div>
        ${list.value && html`<${Foot} />`}
      </section>
    <//>
  `;
}
