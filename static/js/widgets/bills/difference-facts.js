// An opened difference: both facts beside each other with their times, and what to do about it.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { alertPath, orderPath } from '../../router.js';
import { endWords, whyWords } from '../../sentences/bills.js';
import { resolving } from '../../state/bills/opened.js';
import { mayPick } from '../../state/bills/picked.js';
import { serverNow, stampAt } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { dayTime, money } from '../../values/format.js';
import { has, t, word } from '../../words/index.js';
import { CopyButton, Facts, OrderLink, PayState, Time, User } from '../parts/basic.js';
import { askAgain } from './day-head.js';

const AMOUNTS = /^(fen|.*Fen)$/;
const NAMES = { fen: 'amount', status: 'state', tradeState: 'state', tradeType: 'type', feeFen: 'fee' };
const FIRST = ['fen', 'amountFen', 'state', 'status', 'at', 'line'];
const rank = ([name]) => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1);

function shown(name, value) {
  if (name === 'at' || /At$/.test(name)) return html`<${Time} at=${value} show=${dayTime} />`;
  if (AMOUNTS.test(name) && Number.isInteger(value)) return html`<b>${money(value)}</b>`;
  if (Array.isArray(value)) return html`<${User} text=${value.join(', ')} />`;
  if (name === 'heldBy') return word('held', value);
  if (has(`pay.${value}`)) return html`<${PayState} code=${value} />`;
  return html`<${User} text=${String(value)} />`;
}

// Names that are new to this console show as they are; what stands beside the row already is left out.
const KNOWN_ELSEWHERE = new Set(['orderNum', 'transactionId', 'refundNum', 'number']);
const label = (name) => {
  const known = NAMES[name] ?? name.replace(/Fen$/, '');
  return has(`recon.fact.${known}`) ? t(`recon.fact.${known}`) : name;
};

function Side({ name, told, value, title = `recon.facts.${name}` }) {
  const entries = Object.entries(told ?? {})
    .filter(
      ([key, entry]) =>
        entry !== null && (typeof entry !== 'object' || Array.isArray(entry)) && !KNOWN_ELSEWHERE.has(key),
    )
    .sort((a, b) => rank(a) - rank(b));
  const rows = entries.map(([key, entry]) => [label(key), shown(key, entry)]);
  const bare = !rows.length && value !== null ? [[label('fen'), shown('fen', value)]] : rows;
  return html`
    <section class="fact-side ${bare.length ? '' : 'empty-side'}">
      <h4>${t(title)}</h4>
      ${bare.length
        ? html`<${Facts} rows=${bare} />`
        : html`<p class="quiet">${t(`recon.facts.none.${name}`)}</p>`}
    </section>
  `;
}

const Mono = ({ text }) => html`
  <span class="status">
    <bdi class="mono">${text}</bdi>
    <${CopyButton} text=${text} />
  </span>
`;

function Numbers({ difference }) {
  const { orderNum, orderStatus, transactionId, refundNum, foundAt } = difference;
  const rows = [
    orderNum && [
      t('recon.facts.order'),
      orderStatus ? html`<${OrderLink} num=${orderNum} />` : html`<${Mono} text=${orderNum} />`,
    ],
    transactionId && [t('recon.facts.transaction'), html`<${Mono} text=${transactionId} />`],
    refundNum && [t('recon.facts.refund'), html`<${Mono} text=${refundNum} />`],
    [t('recon.facts.found'), html`<${Time} at=${foundAt} show=${stampAt} />`],
  ].filter(Boolean);
  return html`<${Facts} rows=${rows} />`;
}

function Deeds({ difference }) {
  const { orderNum, orderStatus, proposal, alertId } = difference;
  const open = mayPick(difference);
  const asks = ['ask_wechat', 'record_outside_refund'].includes(proposal) && difference.status === 'open';
  return html`
    <div class="fact-deeds">
      ${asks && may('fetchBill') && html`
        <button type="button" class="btn small" onClick=${askAgain}>
          <${Icon} name="replay" size=${14} />
          ${t('recon.fetch')}
        </button>
      `}
      ${open && html`
        <button type="button" class="btn small" onClick=${() => (resolving.value = [difference])}>
          <${Icon} name="check" size=${14} />
          ${t('recon.resolve')}
        </button>
      `}
      ${orderStatus && html`<a class="btn small" href=${orderPath(orderNum)}>${t('recon.facts.open')}</a>`}
      ${alertId && html`<a class="btn small" href=${alertPath(alertId)}>${t('recon.facts.case')}</a>`}
    </div>
  `;
}

export function DifferenceFacts({ difference }) {
  const { evidence, ours, wechat, status, proposal, note } = difference;
  return html`
    <div class="facts-box">
      <p>
        <b>${whyWords(difference)}</b> ${status === 'open' && word('prop', proposal)}
      </p>
      ${status === 'resolved' && html`
        <p>
          <span>${endWords(difference, serverNow())}</span>
          ${note && html`: <${User} text=${note} />`}
        </p>
      `}
      <div class="fact-sides">
        <${Side} name="wechat" told=${evidence?.row} value=${wechat} />
        <${Side}
          name="ours"
          told=${evidence?.booking}
          value=${ours}
          title=${difference.kind === 'fee_differs' ? 'recon.facts.rate' : undefined}
        />
        <section class="fact-side fact-numbers">
          <${Numbers} difference=${difference} />
        </section>
      </div>
      <${Deeds} difference=${difference} />
    </div>
  `;
}
