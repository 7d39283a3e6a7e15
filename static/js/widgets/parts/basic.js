// The small parts that every page uses.
import { useComputed } from '@preact/signals';
import { fullTime, age, isoTime } from '../../values/format.js';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { orderPath } from '../../router.js';
import { second } from '../../state/clock.js';
import { toast } from '../../state/toasts.js';
import { t, word } from '../../words/index.js';

// Only the text node changes as time goes by, not the row around it.
export function Age({ at }) {
  const text = useComputed(() => age(at, second.value));
  return html`<time class="age" datetime=${isoTime(at)} title=${fullTime(at)}>${text}</time>`;
}

export const Time = ({ at, show, class: kind }) => html`
  <time class=${kind} datetime=${isoTime(at)} title=${fullTime(at)}>${show(at)}</time>
`;

// Text that a customer or a stranger wrote: isolated, so that it cannot turn its neighbours round.
export const User = ({ text, clip }) => html`
  <bdi class=${clip ? 'user clip' : 'user'} title=${clip ? text : undefined}>${text}</bdi>
`;

export const Severity = ({ level, size = 16, words = false }) => html`
  <span class="status sev-${level}">
    <${Icon} name=${level} size=${size} tone="sev" />
    ${words
      ? html`<b class="tone-sev">${word('sev', level)}</b>`
      : html`<span class="sr">${t('sev.label', { sev: word('sev', level) })}</span>`}
  </span>
`;

export const SeverityTag = ({ level }) => html`
  <span class="tag tone-sev sev-${level}">
    <${Icon} name=${level} size=${13} />
    ${word('sev', level)}
  </span>
`;

const ALERT_STATES = { open: ['open', 'crit'], acknowledged: ['half', 'warn'], resolved: ['paid', 'quiet'] };
export function AlertState({ status }) {
  const [icon, tone] = ALERT_STATES[status] ?? ['low', 'quiet'];
  return html`
    <span class="status">
      <${Icon} name=${icon} size=${15} tone=${tone} />
      ${status === 'open' ? html`<b>${word('state', status)}</b>` : word('state', status)}
    </span>
  `;
}

const PAY = {
  INIT: ['created', 'ink'],
  WAIT_PAY: ['pending', 'warn'],
  PAID: ['paid', 'ok'],
  CLOSED: ['closed', 'quiet'],
  REFUNDING: ['refunding', 'vio'],
  PARTIALLY_REFUNDED: ['partial', 'vio'],
  REFUNDED: ['refund', 'vio'],
};
const SERVICE = {
  SERVICE_WAIT: ['pending', 'warn'],
  IN_SERVICE: ['headset', 'accent'],
  SERVED: ['check', 'ink'],
  SERVICE_CANCELLED: ['closed', 'quiet'],
};
const place = (prefix, code) => (prefix === 'pay' ? PAY : SERVICE)[code] ?? ['low', 'ink'];

function State({ prefix, code, tag }) {
  if (!code) {
    return tag
      ? null
      : html`
          <span class="quiet">
            <span aria-hidden="true">—</span>
            <span class="sr">${t('common.none')}</span>
          </span>
        `;
  }
  const [icon, tone] = place(prefix, code);
  if (tag) {
    return html`
      <span class="tag tone-${tone}">
        <${Icon} name=${icon} size=${14} />
        ${word(prefix, code)}
      </span>
    `;
  }
  return html`
    <span class="status">
      <${Icon} name=${icon} size=${15} tone=${tone} />
      ${word(prefix, code)}
    </span>
  `;
}
export const PayState = ({ code, tag }) => html`<${State} prefix="pay" code=${code} tag=${tag} />`;
export const ServiceState = ({ code, tag }) => html`<${State} prefix="svc" code=${code} tag=${tag} />`;

export const OrderLink = ({ num }) => html`
  <a class="order-link mono" href=${orderPath(num)}>
    <bdi>${num}</bdi>
  </a>
`;
export const Times = ({ n }) => (n > 1 ? html`<span class="times">×${n}</span>` : null);

export function Avatar({ name, small }) {
  const first = name ? [...name][0].toUpperCase() : '';
  return html`<span class="avatar ${small ? 'small' : ''} ${name ? '' : 'nobody'}" aria-hidden="true">${first}</span>`;
}

export function CopyButton({ text, label }) {
  const copy = () =>
    navigator.clipboard?.writeText(text).then(
      () => toast('ok', t('common.copied')),
      () => {},
    );
  return html`
    <button type="button" class="btn ghost small" onClick=${copy} aria-label=${label ? undefined : t('common.copy')}>
      <${Icon} name="copy" size=${14} />
      ${label}
    </button>
  `;
}

export const Seg = ({ label, options, value, onChoose }) => html`
  <div class="seg" role="group" aria-label=${label}>
    ${options.map(({ id, text, lang }) => html`
      <button type="button" key=${id} lang=${lang} aria-pressed=${String(id === value)} onClick=${() => onChoose(id)}>
        ${text}
      </button>
    `)}
  </div>
`;

// Pairs of a label and a value; `kind` is the class of a row.
export const Facts = ({ rows }) => html`
  <dl class="facts">
    ${rows.map(([label, value, kind]) => html`
      <div key=${label} class=${kind}>
        <dt>${label}</dt>
        <dd>${value}</dd>
      </div>
    `)}
  </dl>
`;
