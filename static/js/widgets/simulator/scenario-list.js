// The scenarios, each with what must come of it before it is played; and the fields of the picked one.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { busy, choices, choose, keyed, others, picked, play, scenarioOf, scenarios } from '../../state/simulator.js';
import { lang, has, t } from '../../words/index.js';
import { isAmount, optionsOf } from '../../values/scenario-options.js';

const LOOKS = {
  paid: ['paid', 'ok'],
  duplicate: ['copy', 'ink'],
  wrong_amount: ['scale', 'crit'],
  negative: ['closed', 'high'],
  wrong_signature: ['key', 'crit'],
  out_of_order: ['replay', 'high'],
  after_close: ['clock', 'high'],
  storm: ['zap', 'warn'],
};
export const titleOf = ({ name, title, titleZh }) => (lang.value === 'en' ? title : titleZh) ?? name;
const expectsOf = ({ name, expects, expectsZh }) =>
  has(`sim.must.${name}`) ? t(`sim.must.${name}`) : lang.value === 'en' ? expects : expectsZh;

function Row({ scenario, digit }) {
  const { name } = scenario;
  const [icon, tone] = LOOKS[name] ?? ['live', 'ink'];
  const here = picked.value === name;
  const label = t('sim.play', { title: titleOf(scenario) });
  const spoken = digit ? `${digit} ${label}` : label; // what is seen on it is in its name
  return html`
    <li class="scenario ${here ? 'selected' : ''}" data-name=${name}>
      <span class="scenario-icon">
        <${Icon} name=${icon} tone=${tone} />
      </span>
      <div class="scenario-words">
        <button
          type="button"
          class="scenario-name"
          aria-pressed=${String(here)}
          onClick=${() => {
            picked.value = name;
          }}
        >
          ${titleOf(scenario)}
        </button>
        ${has(`sim.does.${name}`) && html`<p>${t(`sim.does.${name}`)}</p>`}
        <p class="small quiet">${t('sim.expects', { what: expectsOf(scenario) })}</p>
      </div>
      <button
        type="button"
        class="btn ${here ? 'primary' : ''}"
        aria-label=${spoken}
        title=${label}
        disabled=${busy.value}
        onClick=${() => play(name)}
      >
        <${Icon} name="play" size=${12} />
        ${digit && html`<span>${digit}</span>`}
      </button>
    </li>
  `;
}

const hint = (name, limits) => {
  const { min, max } = limits?.[name] ?? {};
  if (name === 'totalFen') return t('sim.total.hint');
  if (isAmount(name)) return t('sim.notify.hint');
  return name === 'anomalyShare' ? `${min * 100}–${max * 100}%` : `${min}–${max}`;
};

function Field({ name, wrong }) {
  const limits = scenarios.data.value?.limits;
  const [id, bad] = [`sim-${name}`, wrong === name];
  return html`
    <div class="field">
      <label for=${id}>${t(`sim.field.${name}`)}</label>
      <div class="input ${bad ? 'wrong' : ''}">
        ${isAmount(name) && html`<span class="quiet">¥</span>`}
        <input
          id=${id}
          name=${name}
          inputmode=${isAmount(name) ? 'decimal' : 'numeric'}
          autocomplete="off"
          maxlength="14"
          value=${choices.value[name]}
          aria-invalid=${bad ? 'true' : undefined}
          aria-describedby=${`${id}-hint`}
          onInput=${(event) => choose(name, event.currentTarget.value)}
        />
        ${name === 'anomalyShare' && html`<span class="quiet">%</span>`}
      </div>
      <span class="small ${bad ? 'bad' : 'quiet'}" id=${`${id}-hint`}>
        ${bad && `${t('sim.wrong')} `}
        ${hint(name, limits)}
      </span>
    </div>
  `;
}

export function Fields() {
  const scenario = scenarioOf(picked.value);
  const { wrong } = optionsOf(scenario, choices.value, scenarios.data.value?.limits);
  const submit = (event) => {
    event.preventDefault();
    play(picked.value);
  };
  return html`
    <form
      class="scenario-fields"
      aria-label=${t('sim.fields', { title: titleOf(scenario) })}
      onSubmit=${submit}
      novalidate
    >
      ${scenario.takes.length
        ? scenario.takes.map((name) => html`<${Field} key=${name} name=${name} wrong=${wrong} />`)
        : html`<p class="small quiet">${t('sim.nofields')}</p>`}
      <button type="submit" class="sr" tabindex="-1">${t('sim.play', { title: titleOf(scenario) })}</button>
    </form>
  `;
}

export const ScenarioList = () => html`
  <div class="list-scroll" tabindex="0" role="group" aria-label=${t('sim.scenarios')}>
    <ul>
      ${keyed.value.map((scenario, i) => html`<${Row} key=${scenario.name} scenario=${scenario} digit=${i + 1} />`)}
    </ul>
    ${others.value.length > 0 && html`
      <details class="scenario-more">
        <summary>${t('sim.more', { n: others.value.length })}</summary>
        <ul>
          ${others.value.map((scenario) => html`<${Row} key=${scenario.name} scenario=${scenario} />`)}
        </ul>
      </details>
    `}
  </div>
`;
