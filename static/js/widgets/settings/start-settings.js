// The settings of the start: facts, and which keys are set. None of them can be changed here, and none is secret.
import { html } from '../../html.js';
import { money } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { t } from '../../words/index.js';
import { Facts } from '../parts/basic.js';

const yes = (on) => t(on ? 'set.yes' : 'set.no');
const code = (text) => html`<bdi class="mono">${text}</bdi>`;
const lines = (list) =>
  list.length ? list.map((text) => html`<span class="set-line" key=${text}>${code(text)}</span>`) : t('set.none');

const place = (read) => [
  [t('set.read.mode'), t(`env.${read.mode}`)],
  [t('set.read.origin'), code(read.origin)],
  [t('set.read.notify'), lines(read.notifyUrls)],
  [t('set.read.wechat'), code(read.wechat)],
  [t('set.read.database'), code(read.database)],
  [t('set.read.redis'), yes(read.redis)],
  [t('set.read.processes'), String(read.processes)],
  [t('set.read.shops'), lines(read.shopOrigins)],
  [t('set.read.proxies'), String(read.trustedProxies)],
  [t('set.read.metrics'), yes(read.metricsToken)],
  [t('set.read.version'), read.version],
];
const kept = (read) => [
  [t('set.read.notices'), read.noticeDays ? t('set.days', { n: read.noticeDays }) : t('set.forever')],
  [t('set.read.noticekey'), yes(read.noticeKey)],
  [t('set.read.events'), t('set.forever')],
  [t('set.read.messages'), t('set.days', { n: 30 })],
  [t('set.read.second'), t('set.from', { amount: money(read.secondAdminFen) })],
];

const Key = ({ entry }) => html`
  <li>
    <${Icon} name=${entry.set ? 'paid' : 'closed'} size=${15} tone=${entry.set ? 'ok' : 'quiet'} />
    <span class=${entry.set ? '' : 'quiet'}>${t(`set.key.${entry.name}`)}</span>
    <span class="grow"></span>
    ${entry.mark ? code(entry.mark) : html`<span class="quiet">${t('set.no')}</span>`}
  </li>
`;

const Account = ({ account }) => html`
  <div class="set-account">
    <h3>
      ${account.name ? html`<bdi>${account.name}</bdi> · ` : ''}
      <bdi>${account.mchId}</bdi> <span class="tag plain">API ${account.api}</span>
    </h3>
    <p class="small quiet">
      AppID ${account.appIds.map((id) => html`<span class="set-line" key=${id}>${code(id)}</span>`)}
    </p>
    <ul class="set-keys">
      ${account.keys.map((entry) => html`<${Key} key=${entry.name} entry=${entry} />`)}
    </ul>
    ${account.oldKeys > 0 && html`<p class="small quiet">${t('set.oldkeys', { n: account.oldKeys })}</p>`}
  </div>
`;

const Part = ({ id, title, sub, children }) => html`
  <section class="card ${id}" aria-labelledby=${id}>
    <div class="card-head">
      <h2 id=${id}>${title}</h2>
      ${sub && html`<span class="sub">${sub}</span>`}
    </div>
    <div class="set-body">${children}</div>
  </section>
`;

export const AtStart = ({ read }) => html`
  <${Part} id="set-start" title=${t('set.start')} sub=${t('set.start.sub')}>
    <${Facts} rows=${place(read)} />
  <//>
`;
export const Accounts = ({ read }) => html`
  <${Part} id="set-accounts" title=${t('set.accounts')} sub=${t('set.accounts.sub')}>
    ${read.merchants.map((account) => html`<${Account} key=${account.mchId} account=${account} />`)}
  <//>
`;
export const Retention = ({ read }) => html`
  <${Part} id="set-kept" title=${t('set.kept')}>
    <${Facts} rows=${kept(read)} />
  <//>
`;
