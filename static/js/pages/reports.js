// Reports: what was paid, given back and kept, by hour, day, week or month.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { onFlush } from '../state/feed/feed.js';
import { ask, choices, followReport, isOld, isReportNews, report, wanted } from '../state/reports/report.js';
import { isEmpty } from '../values/report-spans.js';
import { t } from '../words/index.js';
import { ReportBar } from '../widgets/reports/bar.js';
import { ReportChart } from '../widgets/reports/chart.js';
import { spanWords } from '../widgets/reports/span-words.js';
import { ReportSums } from '../widgets/reports/sums.js';
import { ReportTable } from '../widgets/reports/table.js';
import { Shell } from '../widgets/shell/shell.js';
import { useKeys } from '../widgets/parts/keyboard.js';
import { Empty, Failed, Loading } from '../widgets/parts/states.js';

const card = (content) => html`<section class="card">${content}</section>`;

const Nothing = () =>
  card(html`
    <${Empty} icon="bars" title=${t('report.empty')} why=${t('report.empty.why', { days: spanWords(wanted.value) })}>
      ${wanted.value.range !== '12m' && html`
        <button type="button" class="btn primary" onClick=${() => ask({ range: '12m', from: '', to: '', by: '' })}>
          ${t('report.empty.more')}
        </button>
      `}
    <//>
  `);

// Figures that are there stay while others are on their way; those of another question do not outlive a fault.
function Figures() {
  const { data, error } = report;
  if (error.value && (isOld.value || !data.value)) {
    return card(html`<${Failed} panel=${t('nav.reports')} error=${error.value} onRetry=${report.now} />`);
  }
  if (!data.value) return card(html`<${Loading} rows=${8} />`);
  const body = isEmpty(data.value.totals)
    ? html`<${Nothing} />`
    : html`
        <${ReportSums} />
        <${ReportChart} />
        <${ReportTable} />
      `;
  return html`<div class="report-body ${isOld.value ? 'old' : ''}" aria-busy=${String(isOld.value)}>${body}</div>`;
}

function walk(box, by) {
  const links = [...(box?.querySelectorAll('.report-row .row-link') ?? [])];
  const here = links.findIndex((link) => link.closest('tr').contains(document.activeElement));
  const next = links[Math.max(0, Math.min(links.length - 1, here + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

export function Reports() {
  const box = useRef(null);
  useEffect(followReport, []);
  useEffect(() => void choices.now(), []);
  useEffect(() => onFlush((events) => events.some(isReportNews) && report.refresh()), []);
  useKeys({
    j: () => walk(box.current, 1),
    k: () => walk(box.current, -1),
    f: () => box.current.querySelector('.report-ranges [aria-pressed=true], .report-ranges button')?.focus(),
  });
  return html`
    <${Shell} title=${t('nav.reports')} kind="reports">
      <div class="reports" ref=${box}>
        <${ReportBar} />
        <${Figures} />
      </div>
    <//>
  `;
}
