// The rules of the alerts: how grave each kind is, and the limits of those that watch over time.
import { useId } from 'preact/hooks';
import { kindWord } from '../../sentences/explain.js';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { boundsOf, isBad, isChanged, knobs, saving, shown, textOf, type, valueOf } from '../../state/settings.js';
import { t, word } from '../../words/index.js';

const KINDS = [
  'amount_mismatch',
  'negative_total',
  'foreign_merchant',
  'illegal_transition',
  'missing_order',
  'bad_signature',
  'refund_anomaly',
  'reconcile_gap',
  'complaint',
  'system',
];
// The value of a rule that was switched on and has no default.
const FIRST = { 'amount.slight_fen': 1000, 'signature.critical_count': 3 };

const Changed = ({ name }) => isChanged(name) && html`<span class="tag tone-accent">${t('set.changed')}</span>`;

export function Level({ name, label }) {
  const level = valueOf(name);
  const { levels, default: usual } = knobs.value[name];
  return html`
    <span class="set-level sev-${level}">
      <${Changed} name=${name} />
      <${Icon} name=${level} tone="sev" />
      <select
        class="select"
        aria-label=${label}
        value=${level}
        disabled=${saving.value}
        onChange=${(event) => type(name, event.currentTarget.value)}
      >
        ${[...levels].reverse().map((each) => html`
          <option key=${each} value=${each} selected=${each === level}>
            ${word('sev', each)}
            ${each === usual ? t('set.usual.mark') : ''}
          </option>
        `)}
      </select>
    </span>
  `;
}

const Kind = ({ kind }) => html`
  <li class="set-row">
    <div class="set-what">
      <h3>${kindWord(kind)}</h3>
      <p class="small quiet">${t(`set.rule.${kind}`)}</p>
    </div>
    <${Level} name=${`severity.${kind}`} label=${t('set.severity.of', { kind: kindWord(kind) })} />
  </li>
`;

function Amount({ name, unit, label }) {
  const id = useId();
  const [wrong, { low, high }] = [isBad(name), boundsOf(name)];
  return html`
    <span class="set-amount">
      <label class="sr" for=${id}>${label}</label>
      <span class="input ${wrong ? 'wrong' : ''}">
        <input
          id=${id}
          inputmode="decimal"
          autocomplete="off"
          maxlength="9"
          value=${textOf(name)}
          disabled=${saving.value}
          aria-invalid=${wrong ? 'true' : undefined}
          aria-describedby=${wrong ? `${id}-problem` : undefined}
          onInput=${(event) => type(name, event.currentTarget.value)}
        />
      </span>
      <span class="small">${unit}</span>
      <${Changed} name=${name} />
      ${wrong && html`
        <span class="bad small set-problem" id="${id}-problem" role="alert">${t('set.bounds', { low, high })}</span>
      `}
    </span>
  `;
}

// A limit; its first number may be 0, which is "off".
function Limit({ rule, names }) {
  const [first] = names;
  const knob = knobs.value[first];
  const on = valueOf(first) !== 0;
  const turn = () => type(first, shown(first, on ? 0 : knob.default || FIRST[first]));
  return html`
    <li class="set-row">
      <div class="set-what">
        <h3>${t(`set.limit.${rule}`)}</h3>
        <p class="small quiet">${t(`set.limit.${rule}.why`)}</p>
      </div>
      <div class="set-limit">
        <label class="check">
          <input
            type="checkbox"
            checked=${on}
            disabled=${saving.value}
            onChange=${turn}
            aria-label=${t('set.on.of', { rule: t(`set.limit.${rule}`) })}
          />
          ${t(on ? 'set.on' : 'set.off')}
        </label>
        ${on
          ? names.map((name) => html`
              <${Amount}
                key=${name}
                name=${name}
                unit=${t(`set.unit.${name}`)}
                label=${`${t(`set.limit.${rule}`)} ${t(`set.unit.${name}`)}`}
              />
            `)
          : html`<${Changed} name=${first} />`}
      </div>
    </li>
  `;
}

const LIMITS = {
  late: ['late.p95_ms'],
  silence: ['silence.minutes'],
  success: ['success.percent', 'success.payments'],
  certificate: ['certificate.days', 'certificate.urgent_days'],
  forged: ['signature.critical_count'],
  slight: ['amount.slight_fen'],
};

export const Severities = () => html`
  <section class="card" aria-labelledby="set-severities">
    <div class="card-head">
      <h2 id="set-severities">${t('set.severities')}</h2>
      <span class="sub">${t('set.severities.sub')}</span>
    </div>
    <ul class="set-list">
      ${KINDS.map((kind) => html`<${Kind} key=${kind} kind=${kind} />`)}
    </ul>
  </section>
`;

export const Limits = () => html`
  <section class="card" aria-labelledby="set-limits">
    <div class="card-head">
      <h2 id="set-limits">${t('set.limits')}</h2>
      <span class="sub">${t('set.limits.sub')}</span>
    </div>
    <ul class="set-list">
      ${Object.entries(LIMITS).map(([rule, names]) => html`<${Limit} key=${rule} rule=${rule} names=${names} />`)}
    </ul>
  </section>
`;
