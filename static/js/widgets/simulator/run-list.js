// The runs of this session, newest first; and all scenarios in turn.
import { clock, duration } from '../../values/format.js';
import { html } from '../../html.js';
import { again, busy, chosenKey, playAll, runs, scenarioOf, series, stop } from '../../state/simulator.js';
import { t } from '../../words/index.js';
import { titleOf } from './scenario-list.js';
import { Outcome, spentMs } from './scenario-run.js';

const alertCount = ({ run }) => (run?.steps ?? []).filter(({ actual }) => actual?.alertKind).length;

function Row({ entry }) {
  const title = titleOf(scenarioOf(entry.name));
  const here = chosenKey.value === entry.key;
  return html`
    <tr class=${here ? 'selected' : ''}>
      <td>
        <button
          type="button"
          class="link run-name"
          aria-pressed=${String(here)}
          onClick=${() => {
            chosenKey.value = entry.key;
          }}
        >
          ${title}
          ${entry.options.times > 1 && ` ×${entry.options.times}`}
        </button>
      </td>
      <td>${entry.run ? clock(entry.run.startedAt) : '—'}</td>
      <td>
        <${Outcome} entry=${entry} />
      </td>
      <td class="run-count">${t('sim.alert.count', { n: alertCount(entry) })}</td>
      <td class="num">${duration(spentMs(entry))}</td>
      <td class="num">
        <button
          type="button"
          class="link"
          disabled=${busy.value}
          aria-label=${t('sim.again.of', { title })}
          onClick=${() => again(entry)}
        >
          ${t('sim.again')}
        </button>
      </td>
    </tr>
  `;
}

const Series = () =>
  series.value
    ? html`
        <span class="run-series small">
          <progress max=${series.value.of} value=${series.value.done} aria-label=${t('sim.progress')}></progress>
          ${series.value.done} / ${series.value.of}
        </span>
        <button type="button" class="btn" onClick=${stop}>${t('sim.stop')}</button>
      `
    : html`
        <button type="button" class="btn" disabled=${busy.value} onClick=${playAll}>
          ${t('sim.all')}
          <kbd aria-hidden="true">0</kbd>
        </button>
      `;

export const RunList = () => html`
  <section class="card list-card run-list" aria-label=${t('sim.runs')}>
    <header class="card-head">
      <h2>${t('sim.runs')}</h2>
      <span class="grow"></span>
      <${Series} />
    </header>
    ${runs.value.length
      ? html`
          <div class="list-scroll" tabindex="0" role="group" aria-label=${t('sim.runs')}>
            <table class="table">
              <thead>
                <tr>
                  <th>${t('sim.col.scenario')}</th>
                  <th>${t('sim.col.time')}</th>
                  <th>${t('sim.col.result')}</th>
                  <th class="run-count">${t('sim.alerts')}</th>
                  <th class="num">${t('sim.col.spent')}</th>
                  <th class="num">${t('sim.col.do')}</th>
                </tr>
              </thead>
              <tbody>
                ${runs.value.map((entry) => html`<${Row} key=${entry.key} entry=${entry} />`)}
              </tbody>
            </table>
          </div>
        `
      : html`<p class="quiet small run-fault">${t('sim.runs.none')}</p>`}
  </section>
`;
