// The totals of the report beside those of the days before it.
import { html } from '../../html.js';
import { serverNow } from '../../state/clock.js';
import { report } from '../../state/reports/report.js';
import { before, comparable } from '../../values/report-spans.js';
import { count, money, percent } from '../../values/format.js';
import { t } from '../../words/index.js';
import { BigMoney } from '../parts/big-money.js';
import { spanWords } from './span-words.js';

// Neutral, whatever the direction: more refunds may only mean more sales.
function Versus({ now, was, points }) {
  if (!Number.isFinite(now) || !Number.isFinite(was) || (!points && !was)) return t('report.before.none');
  const change = points ? now - was : (now - was) / Math.abs(was);
  const shown = points ? t('kpi.points', { n: (Math.abs(change) * 100).toFixed(1) }) : percent(Math.abs(change));
  if (Math.round(change * 1000) === 0) return html`<b>${t('kpi.same')}</b>`;
  return html`
    <b>
      <span aria-hidden="true">${change > 0 ? '▲' : '▼'}</span>
      <span class="sr">${t(change > 0 ? 'kpi.up' : 'kpi.down')}</span> ${shown}
    </b>
  `;
}

const Fee = ({ fen }) => (fen === null ? t('report.fee.unknown') : t('report.fee', { amount: money(fen) }));

function tiles(data) {
  const [totals, was] = [data.totals, comparable(data, serverNow())];
  const versus = (name, points) => html`<${Versus} now=${totals[name]} was=${was[name]} points=${points} />`;
  return [
    ['paid', html`<${BigMoney} fen=${totals.paidFen} />`, versus('paidFen')],
    ['count', count(totals.paidCount), versus('paidCount')],
    [
      'refunded',
      html`<${BigMoney} fen=${totals.refundedFen} />`,
      t('report.refunds', { n: count(totals.refundCount) }),
    ],
    ['net', html`<${BigMoney} fen=${totals.netFen} />`, html`<${Fee} fen=${totals.feeFen} />`],
    ['failed', count(totals.failedCount), versus('failedCount')],
    ['rate', percent(totals.successRate), versus('successRate', true)],
  ];
}

export function ReportSums() {
  const data = report.data.value;
  const compared = spanWords(before(data.wanted));
  return html`
    <section class="card kpis report-sums" aria-label=${t('report.sums')}>
      ${tiles(data).map(([id, value, more]) => html`
        <div class="kpi" key=${id} data-sum=${id}>
          <span class="kpi-label">${t(`report.sum.${id}`)}</span>
          <span class="kpi-value">${value}</span>
          <span class="kpi-more">
            <span class="kpi-words">${more}</span>
          </span>
        </div>
      `)}
    </section>
    <p class="small quiet report-compared">${t('report.compared', { days: compared })}</p>
  `;
}
