// The simulator: what the product must do with each kind of notify, played for real with play money.
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { useKeys } from '../widgets/parts/keyboard.js';
import { site } from '../state/prefs.js';
import { keyed, play, playAll, scenarios } from '../state/simulator.js';
import { t } from '../words/index.js';
import { RunList } from '../widgets/simulator/run-list.js';
import { Fields, ScenarioList } from '../widgets/simulator/scenario-list.js';
import { Result } from '../widgets/simulator/scenario-run.js';
import { Shell } from '../widgets/shell/shell.js';
import { Empty, Failed, Loading } from '../widgets/parts/states.js';
import { Missing } from './missing.js';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8'];

const Note = () => html`
  <div class="note-box warn">
    <${Icon} name="flask" tone="warn" />
    <p>
      <b>${t('sim.note')}</b> ${t('sim.note.more')}
    </p>
  </div>
`;

// The server speaks English; why nobody answers is worth the reader's own language.
function faultOf(error) {
  if (error.code !== 'simulator_away') return error;
  const { status, code, requestId, body } = error;
  return { status, code, requestId, message: t('err.simulator_away', { address: body.detail?.address }) };
}

function Body() {
  const { data, error } = scenarios;
  if (!data.value && error.value) {
    return html`
      <section class="card">
        <${Failed} panel=${t('nav.simulator')} error=${faultOf(error.value)} onRetry=${scenarios.now} />
      </section>
    `;
  }
  if (!data.value) {
    return html`
      <section class="card">
        <${Loading} rows=${8} />
      </section>
    `;
  }
  if (!keyed.value.length) {
    return html`
      <section class="card">
        <${Empty} icon="key" title=${t('sim.nokey')} why=${t('sim.nokey.why')} />
      </section>
    `;
  }
  return html`
    <div class="sim-grid">
      <section class="card list-card scenario-card" aria-label=${t('sim.scenarios')}>
        <header class="card-head">
          <h2>${t('sim.scenarios')}</h2>
          <span class="grow"></span>
          <span class="sub key-hints">${t('sim.keys')}</span>
        </header>
        <${ScenarioList} />
        <${Fields} />
      </section>
      <div class="sim-side">
        <${Result} />
        <${RunList} />
      </div>
    </div>
  `;
}

function Open() {
  useEffect(() => {
    scenarios.now();
  }, []);
  const numbered = Object.fromEntries(
    DIGITS.map((digit, i) => [digit, () => keyed.value[i] && play(keyed.value[i].name)]),
  );
  useKeys({ ...numbered, 0: playAll });
  return html`
    <${Shell} title=${t('nav.simulator')} kind="simulator" fixed>
      <${Note} />
      <${Body} />
    <//>
  `;
}

export const Simulator = () => (site.mode === 'simulation' ? html`<${Open} />` : html`<${Missing} />`);
