// Six figures of today against yesterday up to the same second.
import { html } from '../../html.js';
import { clockMinute, count, duration, NONE, percent, span } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { serverNow, second } from '../../state/clock.js';
import { isCut } from '../../state/feed/connection.js';
import { summary } from '../../state/feed/summary.js';
import { t } from '../../words/index.js';
import { BigMoney } from '../parts/big-money.js';
import { Spark } from './spark.js';
import { Skeleton } from '../parts/states.js';
import { refusedPrepays } from './refused.js';

// Neutral, whatever the direction; red only when the change is bad for the merchant.
function Versus({ change, text, badWhen }) {
  if (change === null) return html`<span>${t('kpi.noyesterday')}</span>`;
  if (!change) {
    return html`
      <span>
        ${t('kpi.vs')} <b>${t('kpi.same')}</b>
      </span>
    `;
  }
  const up = change > 0;
  return html`
    <span>
      ${t('kpi.vs')} <b class=${badWhen === Math.sign(change) ? 'bad' : ''}>
        <span aria-hidden="true">${up ? '▲' : '▼'}</span>
        <span class="sr">${t(up ? 'kpi.up' : 'kpi.down')}</span> ${text}
      </b>
    </span>
  `;
}

function relative(now, before, badWhen) {
  if (!Number.isFinite(now) || !before) return html`<${Versus} change=${null} />`;
  const change = (now - before) / before;
  const rounded = Math.round(change * 1000);
  return html`<${Versus} change=${rounded} text=${percent(Math.abs(change))} badWhen=${badWhen} />`;
}

function points(now, before) {
  if (!Number.isFinite(now) || !Number.isFinite(before)) return html`<${Versus} change=${null} />`;
  const tenths = Math.round((now - before) * 1000);
  return html`
    <${Versus} change=${tenths} text=${t('kpi.points', { n: (Math.abs(tenths) / 10).toFixed(1) })} badWhen=${-1} />
  `;
}

// WeChat's own times are whole seconds: below one nothing can be compared.
function slower(now, before) {
  if (!Number.isFinite(now) || !Number.isFinite(before)) return html`<${Versus} change=${null} />`;
  if (now <= 1000 && before <= 1000) return html`<${Versus} change=${0} />`;
  return html`
    <${Versus} change=${Math.round((now - before) / 10)} text=${duration(Math.abs(now - before))} badWhen=${1} />
  `;
}

function Oldest({ at, n }) {
  if (!at || !n) return t('kpi.nopending');
  return html`${t('kpi.oldest')} <b>${span(Math.max(second.value, serverNow()) - Date.parse(at))}</b>`;
}

const Critical = ({ n }) =>
  n
    ? html`
        <span class="status bad">
          <${Icon} name="critical" size=${14} />
          <b>${t('kpi.critical', { n })}</b>
        </span>
      `
    : html`<span>${t('kpi.critical', { n: 0 })}</span>`;

function running(values) {
  let sum = 0;
  return values.map((value) => (sum += value));
}
const rates = (minutes) =>
  minutes.map(({ paidCount, failedCount }) => (paidCount + failedCount ? paidCount / (paidCount + failedCount) : null));

// WeChat tells its time in whole seconds: below one, only that much is known.
function Duration({ ms }) {
  if (ms <= 1000) return html`≤ 1<span class="unit"> s</span>`;
  const [value, unit] = duration(ms).split(' ');
  return html`${value}${unit && html` <span class="unit">${unit}</span>`}`;
}

function cells({ today, yesterday: before, minutes = [], yesterdayMinutes = [] }) {
  const y = before ?? {};
  const line = (read) => ({ now: read(minutes), was: y.paidCount ? read(yesterdayMinutes) : [] });
  const of = (name) => (list) => list.map((minute) => minute[name] ?? null);
  const rate = Number.isFinite(today.successRate) ? (today.successRate * 100).toFixed(1) : null;
  return [
    {
      id: 'paid',
      href: '/orders?paid=today',
      value: html`<${BigMoney} fen=${today.paidFen} />`,
      more: relative(today.paidFen, y.paidFen),
      ...line((list) => running(of('paidFen')(list))),
    },
    {
      id: 'count',
      href: '/orders?paid=today',
      value: count(today.paidCount),
      more: relative(today.paidCount, y.paidCount),
      ...line(of('paidCount')),
    },
    {
      id: 'rate',
      href: '/?show=failed',
      value: rate === null ? NONE : html`${rate}<span class="unit">%</span>`,
      more: refusedPrepays(minutes) ?? points(today.successRate, y.successRate),
      ...line(rates),
    },
    {
      id: 'pending',
      href: '/orders?status=INIT,WAIT_PAY',
      value: count(today.pendingCount),
      more: html`<${Oldest} at=${today.oldestPendingAt} n=${today.pendingCount} />`,
      ...line(of('pendingCount')),
    },
    {
      id: 'alerts',
      href: '/alerts',
      value: count(today.openAlerts),
      more: html`<${Critical} n=${today.criticalAlerts ?? 0} />`,
      ...line(of('openAlerts')),
    },
    {
      id: 'p95',
      value: html`<${Duration} ms=${today.notifyP95Ms ?? NaN} />`,
      more: slower(today.notifyP95Ms, y.notifyP95Ms),
      ...line(of('notifyP95Ms')),
    },
  ];
}

const EMPTY = ['paid', 'count', 'rate', 'pending', 'alerts', 'p95'].map((id) => ({
  id,
  value: html`<${Skeleton} w="96px" h=${22} />`,
  more: html`<${Skeleton} w="110px" />`,
}));

function Cell({ cell: { id, href, value, more, now, was }, asOf, error }) {
  const body = html`
    <span class="kpi-label">
      ${t(`kpi.${id}`)}
      ${asOf && html`<span class="kpi-asof">${t('kpi.asof', { time: asOf })}</span>`}
    </span>
    <span class="kpi-value">${error ? NONE : value}</span>
    <span class="kpi-more">
      <span class="kpi-words">${error ? '' : more}</span>
      ${!error && now?.length > 1 && html`<${Spark} now=${now} was=${was} faded=${Boolean(asOf)} />`}
    </span>
  `;
  return href && !error ? html`<a class="kpi" href=${href}>${body}</a>` : html`<div class="kpi">${body}</div>`;
}

export function Kpis() {
  const { data, error } = summary;
  const failed = error.value && !data.value;
  // A figure that may be old says from when it is.
  const stale = data.value && (isCut() || error.value);
  const asOf = stale ? clockMinute(data.value.at) : null;
  const list = data.value ? cells(data.value) : EMPTY;
  return html`
    <section class="card kpis" aria-label=${t('kpi.label')} aria-busy=${String(!data.value && !failed)}>
      ${list.map((cell) => html`<${Cell} key=${cell.id} cell=${cell} asOf=${asOf} error=${failed} />`)}
      ${failed && html`
        <div class="kpi-failed" role="alert">
          ${t('kpi.error')} <button type="button" class="btn small" onClick=${summary.now}>${t('common.retry')}</button>
        </div>
      `}
    </section>
  `;
}
