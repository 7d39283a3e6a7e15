// The chart of the report with its legend and the choice of amounts or counts. Its figures stand in
// the table below, also for those who cannot see the bars.
import { html } from '../../html.js';
import { params } from '../../router.js';
import { ask, report } from '../../state/reports/report.js';
import { count, money } from '../../values/format.js';
import { t } from '../../words/index.js';
import { Seg } from '../parts/basic.js';
import { ReportPlot } from './plot.js';
import { rowName, spanWords } from './span-words.js';

const UNITS = ['amount', 'count'];
const unitOf = () => (params.value.get('unit') === 'count' ? 'count' : 'amount');

const Legend = ({ unit }) => html`
  <ul class="legend small" aria-hidden="true">
    <li>
      <i class="key-paid"></i>
      ${t('report.col.paid')}
    </li>
    ${unit === 'count' && html`
      <li>
        <i class="key-failed"></i>
        ${t('report.col.failed')}
      </li>
    `}
    <li>
      <i class="key-back"></i>
      ${t('report.col.refunded')}
    </li>
    <li class="wide">
      <i class="key-prev"></i>
      ${t('report.before')}
    </li>
  </ul>
`;

function sentence({ rows, totals, wanted }) {
  const best = rows.reduce((most, row) => (row.paidFen > most.paidFen ? row : most), rows[0]);
  return t('report.chart.summary', {
    days: spanWords(wanted),
    paid: money(totals.paidFen),
    n: count(totals.paidCount),
    back: money(totals.refundedFen),
    span: rowName(best, wanted).name,
    most: money(best.paidFen),
  });
}

export function ReportChart() {
  const data = report.data.value;
  const unit = unitOf();
  return html`
    <section class="card chart report-chart" aria-labelledby="report-chart">
      <div class="card-head">
        <h2 id="report-chart" class="clip">${t(`report.chart.${data.wanted.by}`)}</h2>
        <span class="sub wide clip">${spanWords(data.wanted)}</span>
        <span class="grow"></span>
        <${Legend} unit=${unit} />
        <${Seg}
          label=${t('chart.unit')}
          options=${UNITS.map((id) => ({ id, text: t(`chart.${id}`) }))}
          value=${unit}
          onChoose=${(id) => ask({ unit: id === 'amount' ? '' : id })}
        />
      </div>
      <${ReportPlot}
        rows=${data.rows}
        past=${data.past.rows}
        wanted=${data.wanted}
        unit=${unit}
        label=${sentence(data)}
      />
    </section>
  `;
}
