// What the report is of: its days, the length of its spans, account and product; and its files.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { ask, choices, exportReport, saving, wanted } from '../../state/reports/report.js';
import { lengthsFor, RANGES } from '../../values/report-spans.js';
import { t } from '../../words/index.js';
import { Seg } from '../parts/basic.js';

// Another range has another usual length of its spans.
const chooseRange = (range) => ask({ range: range === '30d' ? '' : range, from: '', to: '', by: '' });

function own(changes) {
  const { from, to } = { ...wanted.value, ...changes };
  if (!from || !to) return;
  const [first, last] = from <= to ? [from, to] : changes.from ? [from, from] : [to, to];
  ask({ range: '', from: first, to: last });
}

const Day = ({ name, value }) => html`
  <label class="filter">
    <span class="small quiet">${t(`report.${name}`)}</span>
    <input
      type="date"
      class="select"
      name=${name}
      required
      value=${value}
      onChange=${(event) => own({ [name]: event.currentTarget.value })}
    />
  </label>
`;

const Choice = ({ name, options, chosen }) => html`
  <label class="filter ${chosen ? 'on' : ''}">
    <span class="small quiet">${t(`report.${name}`)}</span>
    <select
      class="select"
      name=${name}
      value=${chosen}
      onChange=${(event) => ask({ [name]: event.currentTarget.value })}
    >
      <option value="">${t('common.all')}</option>
      ${options.map(([id, text]) => html`
        <option key=${id} class="user" value=${id} selected=${id === chosen}>${text}</option>
      `)}
    </select>
  </label>
`;

// One that the address names shows also where it is not offered.
const withChosen = (options, chosen) =>
  !chosen || options.some(([id]) => id === chosen) ? options : [...options, [chosen, chosen]];

function Narrow() {
  const { accounts = [], products = [] } = choices.data.value ?? {};
  const { account, product } = wanted.value;
  const named = accounts.map(({ account: id, name }) => [id, name || id]);
  const titles = products.map(({ id, title }) => [id, title]);
  return html`
    ${(accounts.length > 1 || account) && html`
      <${Choice} name="account" options=${withChosen(named, account)} chosen=${account} />
    `}
    <${Choice} name="product" options=${withChosen(titles, product)} chosen=${product} />
  `;
}

const File = ({ end }) => html`
  <button type="button" class="btn" disabled=${Boolean(saving.value)} onClick=${() => exportReport(end)}>
    <${Icon} name="download" size=${14} />
    ${t(saving.value === end ? 'report.exporting' : `report.${end}`)}
  </button>
`;

export function ReportBar() {
  const { from, to, by, range } = wanted.value;
  return html`
    <section class="card report-bar" aria-label=${t('report.bar')}>
      <div class="report-ranges">
        <${Seg}
          label=${t('report.range')}
          options=${RANGES.map((id) => ({ id, text: t(`report.range.${id}`) }))}
          value=${range}
          onChoose=${chooseRange}
        />
      </div>
      <div class="report-days">
        <${Day} name="from" value=${from} />
        <span aria-hidden="true">–</span>
        <${Day} name="to" value=${to} />
      </div>
      <${Seg}
        label=${t('report.by')}
        options=${lengthsFor({ from, to }).map((id) => ({ id, text: t(`report.by.${id}`) }))}
        value=${by}
        onChoose=${(id) => ask({ by: id })}
      />
      <${Narrow} />
      <div class="report-files">
        <${File} end="csv" />
        <${File} end="xlsx" />
      </div>
    </section>
  `;
}
