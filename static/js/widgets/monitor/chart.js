// Sixty minutes of payments: bars for today, a dashed step line for yesterday, the success rate below.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { rateOf, totals } from '../../values/chart-math.js';
import { clockMinute, count, money, percent } from '../../values/format.js';
import { summary } from '../../state/feed/summary.js';
import { t } from '../../words/index.js';
import { Seg } from '../parts/basic.js';
import { Plot } from './plot.js';
import { Failed } from '../parts/states.js';

const Legend = ({ unit }) => html`
  <ul class="legend small" aria-hidden="true">
    <li>
      <i class="key-paid"></i>
      ${t('chart.paid')}
    </li>
    ${unit === 'count' && html`
      <li>
        <i class="key-failed"></i>
        ${t('chart.failed')}
      </li>
    `}
    <li class="wide">
      <i class="key-prev"></i>
      ${t('chart.yesterday')}
    </li>
    <li>
      <i class="key-rate"></i>
      ${t('chart.rate')}
    </li>
  </ul>
`;

// The same sixty values for those who cannot see the bars.
const HiddenTable = ({ minutes }) => html`
  <div class="sr">
    <table>
      <caption>${t('chart.title')} · ${t('chart.sub')}</caption>
      <thead>
        <tr>
          ${['time', 'paid', 'amount.col', 'failed', 'rate'].map((key) => html`
            <th scope="col" key=${key}>${t(`chart.${key}`)}</th>
          `)}
        </tr>
      </thead>
      <tbody>
        ${minutes.map((minute) => html`
          <tr key=${minute.at}>
            <th scope="row">${clockMinute(minute.at)}</th>
            <td>${count(minute.paidCount)}</td>
            <td>${money(minute.paidFen)}</td>
            <td>${count(minute.failedCount)}</td>
            <td>${percent(rateOf(minute))}</td>
          </tr>
        `)}
      </tbody>
    </table>
  </div>
`;

function sentence(minutes) {
  const { paid, failed, busiest } = totals(minutes);
  if (!paid && !failed) return t('chart.empty');
  return t('chart.summary', {
    paid: count(paid),
    failed: count(failed),
    rate: percent(paid / (paid + failed)),
    time: clockMinute(busiest.at),
    max: busiest.paidCount,
  });
}

const Waiting = () => html`
  <div class="chart-wait" aria-hidden="true">
    ${Array.from(
      { length: 60 },
      (_, i) => html`<i key=${i} style=${{ height: `${40 + 55 * Math.abs(Math.sin(i / 6.2))}%` }}></i>`,
    )}
  </div>
`;

export function Chart() {
  const [unit, setUnit] = useState('count');
  const { data, error } = summary;
  const minutes = data.value?.minutes ?? [];
  const options = ['count', 'amount'].map((id) => ({ id, text: t(`chart.${id}`) }));
  return html`
    <section class="card chart" aria-labelledby="chart-title">
      <div class="card-head">
        <h2 id="chart-title" class="clip">
          <span class="wide">${t(unit === 'amount' ? 'chart.title.amount' : 'chart.title')}</span>
          <span class="narrow">${t('chart.short')}</span>
        </h2>
        <span class="sub wide clip">${t('chart.sub')}</span>
        <span class="grow"></span>
        ${data.value && html`
          <${Legend} unit=${unit} />
          <span class="wide">
            <${Seg} label=${t('chart.unit')} options=${options} value=${unit} onChoose=${setUnit} />
          </span>
        `}
      </div>
      ${!data.value && error.value
        ? html`<${Failed} panel=${t('chart.panel')} error=${error.value} onRetry=${summary.now} />`
        : !data.value
            ? html`<${Waiting} />`
            : html`
                <${Plot}
                  minutes=${minutes}
                  before=${data.value.yesterdayMinutes ?? []}
                  unit=${unit}
                  label=${sentence(minutes)}
                />
                <${HiddenTable} minutes=${minutes} />
              `}
    </section>
  `;
}
