// One run: its steps with their time, what had to come beside what came, and the alerts of it.
import { useEffect, useRef } from 'preact/hooks';
import { faultWords } from '../../sentences/faults.js';
import { clock, duration } from '../../values/format.js';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { reason } from '../../sentences/explain.js';
import { alertPath } from '../../router.js';
import { stepText, stepWord } from '../../sentences/scenario-run.js';
import { again, busy, chosen, scenarioOf, stop, underway } from '../../state/simulator.js';
import { t } from '../../words/index.js';
import { OrderLink, Severity } from '../parts/basic.js';
import { titleOf } from './scenario-list.js';
import { Empty } from '../parts/states.js';

const outcomeOf = ({ run, error }) => {
  if (error) return 'broken';
  if (!run || run.state === 'running') return 'running';
  return run.state === 'stopped' ? 'stopped' : run.asExpected ? 'good' : 'bad';
};
const LOOKS = {
  good: ['paid', 'ok'],
  bad: ['failed', 'crit'],
  broken: ['failed', 'crit'],
  running: ['pending', 'warn'],
  stopped: ['closed', 'ink'],
};

export const Outcome = ({ entry, tag }) => {
  const outcome = outcomeOf(entry);
  const [icon, tone] = LOOKS[outcome];
  return html`
    <span class=${tag ? `tag tone-${tone}` : 'status'}>
      <${Icon} name=${icon} size=${15} tone=${tag ? undefined : tone} />
      ${t(`sim.outcome.${outcome}`)}
    </span>
  `;
};

export const spentMs = ({ run }) =>
  run?.steps.length ? Date.parse(run.steps.at(-1).at) - Date.parse(run.startedAt) : NaN;
// Of what is told again and again, how far a storm is, the last counts.
const lastTold = (steps) =>
  steps.filter((step, i) => step.ok !== null || !steps.slice(i + 1).some(({ name }) => name === step.name));
const GLYPHS = [
  [true, 'check', 'ok'],
  [false, 'failed', 'crit'],
  [null, 'live', 'quiet'],
];

function Step({ step, since }) {
  const [, icon, tone] = GLYPHS.find(([ok]) => ok === step.ok);
  const wrong = step.ok === false;
  return html`
    <li class="run-step ${wrong ? 'wrong' : ''}">
      <${Icon} name=${icon} size=${15} tone=${tone} />
      <span>
        <b>${stepWord(step.name)}${step.ok === null && Number.isInteger(step.actual) && ` ${step.actual}`}</b>
        <span class="small ${wrong ? 'bad' : 'quiet'}">
          ${wrong && `${t('sim.step.wrong')} `}+${duration(Date.parse(step.at) - since)}
        </span>
      </span>
    </li>
  `;
}

const Compared = ({ steps }) => html`
  <div class="run-table" tabindex="0" role="group" aria-label=${t('sim.compared')}>
    <table class="table">
      <thead>
        <tr>
          <th>${t('sim.col.what')}</th>
          <th>${t('sim.col.expected')}</th>
          <th>${t('sim.col.actual')}</th>
          <th>
            <span class="sr">${t('sim.col.same')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        ${steps.map((step, i) => html`
          <tr key=${i} class=${step.ok ? '' : 'wrong'}>
            <th scope="row">${stepWord(step.name)}</th>
            <td>${stepText(step.expected)}</td>
            <td class=${step.ok ? '' : 'bad'}>${stepText(step.actual)}</td>
            <td>
              ${step.ok
                ? html`
                    <span class="status">
                      <${Icon} name="check" size=${15} tone="ok" />
                      <span class="sr">${t('sim.same')}</span>
                    </span>
                  `
                : html`<span class="run-ne" role="img" aria-label=${t('sim.differs')}>≠</span>`}
            </td>
          </tr>
        `)}
      </tbody>
    </table>
  </div>
`;

const Alerts = ({ alerts }) => html`
  <ul class="run-alerts">
    ${alerts.map((alert) => html`
      <li key=${alert.id} class="note-box sev-${alert.severity}">
        <${Severity} level=${alert.severity} />
        <div class="grow">
          <p>${reason(alert)}</p>
          <a href=${alertPath(alert.id)}>${t('sim.alert.open')}</a>
        </div>
      </li>
    `)}
  </ul>
`;

const Progress = ({ progress }) =>
  progress
    ? html`
        <div class="run-progress">
          <progress max=${progress.of} value=${progress.done} aria-label=${t('sim.progress')}></progress>
          <span class="small">${stepWord(`${progress.name} going`)} ${progress.done} / ${progress.of}</span>
        </div>
      `
    : null;

function Body({ entry }) {
  const { run, error, alerts } = entry;
  if (error) return html`<p class="bad run-fault" role="alert">${faultWords(error)}</p>`;
  if (!run) return html`<p class="quiet run-fault">${t('common.loading')}</p>`;
  const [since, checked] = [Date.parse(run.startedAt), run.steps.filter(({ ok }) => ok !== null)];
  return html`
    ${run.state === 'running' && html`<${Progress} progress=${run.progress} />`}
    <ol class="run-steps">
      ${lastTold(run.steps).map((step, i) => html`<${Step} key=${i} step=${step} since=${since} />`)}
    </ol>
    <div class="run-halves">
      <div>
        <h3 class="small plain-weight">${t('sim.compared')}</h3>
        ${checked.length
          ? html`<${Compared} steps=${checked} />`
          : html`<p class="small quiet">${t('sim.nothing.yet')}</p>`}
      </div>
      <div>
        <h3 class="small plain-weight">${t('sim.alerts')}</h3>
        ${alerts.length
          ? html`<${Alerts} alerts=${alerts} />`
          : html`<p class="small quiet">${t('common.none')}</p>`}
        ${run.orderNum && html`
          <h3 class="small plain-weight">${t('sim.order')}</h3>
          <p>
            <${OrderLink} num=${run.orderNum} />
          </p>
        `}
      </div>
    </div>
  `;
}

export function Result() {
  const entry = chosen.value;
  const box = useRef(null);
  // On a narrow window the result stands below the list, out of sight of who started it.
  useEffect(() => {
    if (entry && box.current.getBoundingClientRect().top > innerHeight - 120) box.current.scrollIntoView();
  }, [entry?.key]);
  if (!entry) {
    return html`
      <section class="card run-card" aria-label=${t('sim.result')}>
        <${Empty} icon="play" title=${t('sim.none')} why=${t('sim.none.why')} />
      </section>
    `;
  }
  const going = underway.value?.key === entry.key;
  return html`
    <section class="card run-card" ref=${box} aria-label=${t('sim.result')}>
      <header class="card-head">
        <h2>${t('sim.result')}</h2>
        <span class="sub">${titleOf(scenarioOf(entry.name))}${entry.run && ` · ${clock(entry.run.startedAt)}`}</span>
        <span class="grow"></span>
        <span role="status">
          <${Outcome} entry=${entry} tag />
        </span>
        ${going
          ? html`<button type="button" class="btn" onClick=${stop}>${t('sim.stop')}</button>`
          : html`
              <button type="button" class="btn" disabled=${busy.value} onClick=${() => again(entry)}>
                ${t('sim.again')}
              </button>
            `}
      </header>
      <div class="run-body">
        <${Body} entry=${entry} />
      </div>
    </section>
  `;
}
