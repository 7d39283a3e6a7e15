// The filters of the order search one by one: what each has chosen, in words, and its fields.
import { useId, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { money } from '../../values/format.js';
import { setParam } from '../../router.js';
import {
  merchant,
  created,
  paid,
  highest,
  lowest,
  SERVICES,
  services,
  STATUSES,
  statuses,
  TRADES,
  trades,
  REFUNDS,
  refunds,
} from '../../state/orders/filters.js';
import { several } from '../../state/orders/merchants.js';
import { fenOf, yuanOf } from '../../values/yuan.js';
import { t, word } from '../../words/index.js';
import { Checks } from '../parts/dropdown.js';

const PERIODS = ['today', '7d', '30d', 'all'];
const isPeriod = (span) => PERIODS.includes(span);
const day = (text) => text.slice(5);

// What is chosen, in words; '' where everything is shown.
function spanWords(span) {
  if (span === 'all') return '';
  if (isPeriod(span)) return t(`orders.created.${span}`);
  const [since, until] = span.split('..');
  return since === until ? day(since) : `${since && day(since)} – ${until ? day(until) : ''}`;
}

const listed = (prefix, all, chosen) =>
  chosen.length
    ? all
        .filter((id) => chosen.includes(id))
        .map((id) => word(prefix, id))
        .join(t('orders.and'))
    : '';

function amountWords() {
  const [low, high] = [lowest.value, highest.value].map((fen) => fen && money(Number(fen)));
  if (low && high) return `${low} – ${high}`;
  return low ? `≥ ${low}` : high ? `≤ ${high}` : '';
}

function SpanFields({ of, span }) {
  const name = useId();
  const [since = '', until = ''] = isPeriod(span) ? [] : span.split('..');
  const own = (from, to) => setParam(of, from || to ? `${from}..${to}` : '');
  return html`
    ${PERIODS.map((id) => html`
      <label class="check" key=${id}>
        <input type="radio" name=${name} checked=${span === id} onChange=${() => setParam(of, id)} />
        ${t(`orders.created.${id}`)}
      </label>
    `)}
    <div class="drop-pair">
      <label class="field small">
        ${t('orders.from')}
        <input
          type="date"
          class="select"
          value=${since}
          max=${until}
          onChange=${(event) => own(event.currentTarget.value, until)}
        />
      </label>
      <label class="field small">
        ${t('orders.to')}
        <input
          type="date"
          class="select"
          value=${until}
          min=${since}
          onChange=${(event) => own(since, event.currentTarget.value)}
        />
      </label>
    </div>
  `;
}

function Amount({ name, value, label }) {
  const [wrong, setWrong] = useState(false);
  const take = (event) => {
    const text = event.currentTarget.value.trim();
    const fen = text ? fenOf(text) : '';
    setWrong(fen === null);
    if (fen !== null) setParam(name, fen === '' ? '' : String(fen));
  };
  return html`
    <label class="field small">
      ${label}
      <input
        type="text"
        inputmode="decimal"
        class="select num"
        defaultValue=${value ? yuanOf(Number(value)) : ''}
        placeholder="0.00"
        aria-invalid=${String(wrong)}
        onChange=${take}
      />
      ${wrong && html`<span class="bad" role="alert">${t('orders.amount.wrong')}</span>`}
    </label>
  `;
}
const AmountFields = () => html`
  <div class="drop-pair">
    <${Amount} name="minFen" value=${lowest.value} label=${t('orders.least')} />
    <${Amount} name="maxFen" value=${highest.value} label=${t('orders.most')} />
  </div>
`;

const Several = ({ name, prefix, all, chosen }) => html`
  <${Checks}
    options=${all.map((id) => [id, word(prefix, id)])}
    chosen=${chosen}
    onChange=${(id, on) =>
      setParam(name, all.filter((other) => (other === id ? on : chosen.includes(other))).join(','))}
  />
`;
const StatusFields = () => html`<${Several} name="status" prefix="pay" all=${STATUSES} chosen=${statuses.value} />`;
const TradeFields = () => html`<${Several} name="trade" prefix="trade" all=${TRADES} chosen=${trades.value} />`;
const RefundFields = () => html`
  <${Several} name="refund" prefix="orders.refund" all=${REFUNDS} chosen=${refunds.value} />
`;
const ServiceFields = () => html`<${Several} name="service" prefix="svc" all=${SERVICES} chosen=${services.value} />`;

const merchantWords = () => several.value.find(({ key }) => key === merchant.value)?.name ?? '';
const MerchantFields = () => html`
  ${[{ key: '' }, ...several.value].map(({ key, name, mchId }) => html`
    <label class="check" key=${key}>
      <input
        type="radio"
        name="merchant"
        checked=${merchant.value === key}
        onChange=${() => setParam('merchant', key)}
      />
      <bdi>${key ? (name === mchId ? name : `${name} · ${mchId}`) : t('common.all')}</bdi>
    </label>
  `)}
`;

const CreatedFields = () => html`<${SpanFields} of="created" span=${created.value} />`;
const PaidFields = () => html`<${SpanFields} of="paid" span=${paid.value} />`;

const ALL = [
  ['created', () => spanWords(created.value), CreatedFields, 'calendar'],
  ['paid', () => spanWords(paid.value), PaidFields, 'calendar'],
  ['status', () => listed('pay', STATUSES, statuses.value), StatusFields],
  ['refund', () => listed('orders.refund', REFUNDS, refunds.value), RefundFields],
  ['service', () => listed('svc', SERVICES, services.value), ServiceFields],
  ['trade', () => listed('trade', TRADES, trades.value), TradeFields],
  ['amount', amountWords, AmountFields],
  ['merchant', merchantWords, MerchantFields],
];
export const shownFilters = () => ALL.filter(([name]) => name !== 'merchant' || several.value.length);
