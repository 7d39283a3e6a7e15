// The answer to "what about my order?": where it stands, why, what to do, and what to tell the customer.
import { html } from '../../html.js';
import { checkOf, LANGUAGES, lookOf, nextWords, noteWordsOf, stateWords, wayOf } from '../../sentences/order-answer.js';
import { clock, stamp } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { alertPath } from '../../router.js';
import { serverNow } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { toast } from '../../state/toasts.js';
import { has, lang, t } from '../../words/index.js';

const copied = (key) => () => toast('ok', t(key));
export const copyWords = (text, key) => void navigator.clipboard?.writeText(text).then(copied(key), () => {});
export const copyAnswer = (found) => copyWords(found.say[lang.value], 'ans.said');

// A date is not broken at its hyphen; what is copied keeps the plain one.
const unbroken = (words) => words.replace(/(\d)-(?=\d)/g, '$1\u2011');

function Check({ check }) {
  const row = (words, value, kind) => html`
    <div class=${kind}>
      <dt>${t(words)}</dt>
      <dd class="user">${value}</dd>
    </div>
  `;
  return html`
    <dl class="answer-check">
      ${row('ans.check', check.name)}
      ${row('ans.expected', check.expected)}
      ${row('ans.actual', check.actual, 'got')}
    </dl>
  `;
}

const Note = ({ note }) => html`
  <li>
    <span class="user">${noteWordsOf(note)}</span>
    ${note.alertId && html` <a href=${alertPath(note.alertId)}>${t('next.see.alert')}</a>`}
  </li>
`;

// WeChat was asked from this page: what it said stands here until the page is left.
function Asked({ asked }) {
  const outcome = has(`query.${asked.outcome}`)
    ? t(`query.${asked.outcome}`)
    : t('query.other', { outcome: asked.outcome });
  return html`<p class="small" role="status">${t('ans.asked', { time: clock(asked.at), outcome })}</p>`;
}

// Of a moment of the past, what to do next is not said.
export function Where({ found, asked }) {
  const { why, asOf } = found;
  const now = asOf ? Date.parse(asOf) : serverNow();
  const [icon, tone] = lookOf(why);
  const check = checkOf(found);
  const way = wayOf(found);
  const next = !asOf && nextWords(found, may);
  return html`
    <div class="answer-where">
      <p class="answer-state">
        <${Icon} name=${icon} size=${18} tone=${tone} />
        <span class="user">${unbroken(stateWords(found, now))}</span>
      </p>
      ${check && html`<${Check} check=${check} />`}
      ${next && html`
        <p class="answer-next">
          <b>${t('ans.next')}</b>
          ${next} ${way && html`<a href=${way.href}>${way.words}</a>`}
        </p>
      `}
      ${asked && html`<${Asked} asked=${asked} />`}
      ${why.askAt && html`<p class="small quiet">${t('ans.askAt', { time: stamp(why.askAt, serverNow()) })}</p>`}
      ${why.notes.length > 0 && html`
        <ul class="answer-notes small">
          ${why.notes.map((note, i) => html`<${Note} key=${i} note=${note} />`)}
        </ul>
      `}
    </div>
  `;
}

// The reader's own language first; S copies that one.
function Say({ found }) {
  const ordered = [...LANGUAGES].sort(([code]) => (code === lang.value ? -1 : 1));
  return html`
    <div class="answer-say">
      <h2>${t('ans.say')}</h2>
      ${ordered.map(([code, name], i) => {
        const words = found.say[code];
        return html`
          <div class="answer-line" key=${code}>
            <p lang=${code} class=${`answer-${name}`}>${unbroken(words)}</p>
            <button type="button" class="btn small" onClick=${() => copyWords(words, 'ans.said')}>
              <${Icon} name="copy" size=${14} />
              ${t(`ans.copy.${name}`)}
              ${i === 0 && html` <kbd aria-hidden="true">S</kbd>`}
            </button>
          </div>
        `;
      })}
    </div>
  `;
}

export const Answer = ({ found, asked }) => html`
  <section class="card answer" aria-label=${t('ans.title')}>
    <${Where} found=${found} asked=${asked} />
    <${Say} found=${found} />
  </section>
`;
