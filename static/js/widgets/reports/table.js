// The report as a table, newest first; a row leads to its orders and to its bills.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { serverNow } from '../../state/clock.js';
import { report } from '../../state/reports/report.js';
import { isEmpty, listed } from '../../values/report-spans.js';
import { count, money, NONE, percent } from '../../values/format.js';
import { t } from '../../words/index.js';
import { ordersPath, reconPath, rowName } from './span-words.js';

const COLUMNS = ['count', 'paid', 'refunds', 'refunded', 'fee', 'net', 'failed', 'rate'];
const WIDE = ['count', 'refunds', 'fee', 'failed', 'rate'];
const kindOf = (name) => `num ${WIDE.includes(name) ? 'wide' : ''}`;

const values = (row) => ({
  count: count(row.paidCount),
  paid: money(row.paidFen),
  refunds: count(row.refundCount),
  refunded: money(row.refundedFen),
  fee: row.feeFen === null ? html`<span title=${t('report.fee.why')}>${NONE}</span>` : money(row.feeFen),
  net: money(row.netFen),
  failed: count(row.failedCount),
  rate: percent(row.successRate),
});

function Cells({ row }) {
  const shown = values(row);
  return COLUMNS.map((name) => html`<td key=${name} class=${kindOf(name)}>${shown[name]}</td>`);
}

// A phone has no room for the year, but of a month.
const Name = ({ text, by }) =>
  by === 'month' ? text : html`<span class="wide">${text.slice(0, 5)}</span>${text.slice(5)}`;

function Row({ row, wanted }) {
  const { name, more } = rowName(row, wanted);
  return html`
    <tr class="report-row ${isEmpty(row) ? 'quiet' : ''}" data-at=${row.at}>
      <th scope="row">
        <a class="row-link" href=${ordersPath(row, wanted)} title=${t('report.orders', { span: name })}>
          <${Name} text=${name} by=${wanted.by} />
        </a>
        ${more && html` <span class="small quiet wide">${more}</span>`}
      </th>
      <${Cells} row=${row} />
      <td class="report-go">
        <a href=${reconPath(row, wanted)} title=${t('report.recon', { span: name })}>
          <${Icon} name="scale" size=${15} />
          <span class="sr">${t('report.recon', { span: name })}</span>
        </a>
      </td>
    </tr>
  `;
}

export function ReportTable() {
  const { rows, totals, wanted } = report.data.value;
  const shown = listed(rows, serverNow());
  const left = rows.filter(({ at }) => Date.parse(at) <= serverNow()).length - shown.length;
  return html`
    <section class="card report-list">
      <div class="list-scroll" tabindex="0" role="region" aria-label=${t('report.table')}>
        <table class="table report-table">
          <thead>
            <tr>
              <th scope="col">${t(`report.by.${wanted.by}`)}</th>
              ${COLUMNS.map((name) => html`
                <th scope="col" key=${name} class=${kindOf(name)}>${t(`report.col.${name}`)}</th>
              `)}
              <th scope="col">
                <span class="sr">${t('nav.recon')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            ${shown.map((row) => html`<${Row} key=${row.at} row=${row} wanted=${wanted} />`)}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">${t('report.total')}</th>
              <${Cells} row=${totals} />
              <td></td>
            </tr>
          </tfoot>
        </table>
      </div>
      <p class="small quiet report-note">
        ${left > 0 && html`${t('report.left', { n: count(left) })} `}
        ${t(wanted.by === 'hour' || wanted.product ? 'report.fee.none' : 'report.fee.why')}
      </p>
    </section>
  `;
}
