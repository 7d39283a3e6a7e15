// The rows of the audit log: when, who, one sentence, and what else was written down.
import { useId, useState } from 'preact/hooks';
import { auditSentence, factsOf, whoWord } from '../../sentences/audit.js';
import { fullTime, stamp } from '../../values/format.js';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { orderPath } from '../../router.js';
import { second } from '../../state/clock.js';
import { t } from '../../words/index.js';
import { Facts, Time, User } from '../parts/basic.js';

const ORDER = /^(order|refund|receipt|alert)\./;
const show = (at) => stamp(at, second.value);
// An order's page from the row of what was done to it; a case or a receipt without an order has a blank in its name.
const isOrder = ({ action, subject }) => ORDER.test(action) && subject && !/\s/.test(subject);
const Subject = ({ entry }) =>
  isOrder(entry)
    ? html`
        <a class="order-link mono" href=${orderPath(entry.subject)}>
          <bdi>${entry.subject}</bdi>
        </a>
      `
    : html`<bdi>${entry.subject}</bdi>`;

const More = ({ entry, id }) => html`
  <div class="audit-more" id=${id}>
    <${Facts}
      rows=${[
        [t('audit.col.time'), fullTime(entry.at)],
        [t('audit.subject'), html`<${Subject} entry=${entry} />`],
        ...factsOf(entry).map(([name, value]) => [name, html`<bdi>${value}</bdi>`]),
        [t('audit.action'), html`<span class="mono">${entry.action}</span>`],
        [t('audit.hash', { n: entry.seq }), html`<span class="mono audit-hash">${entry.hash}</span>`],
      ]}
    />
  </div>
`;

function Row({ entry }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return html`
    <li class="audit-row" data-seq=${entry.seq} data-action=${entry.action}>
      <div class="audit-line">
        <${Time} at=${entry.at} show=${show} class="audit-time" />
        <span class="audit-who clip">
          <${User} text=${whoWord(entry)} clip />
        </span>
        <p class="audit-words">${auditSentence(entry)}</p>
        <button
          type="button"
          class="btn ghost small"
          aria-expanded=${String(open)}
          aria-controls=${id}
          aria-label=${t('audit.more', { n: entry.seq })}
          onClick=${() => setOpen(!open)}
        >
          <${Icon} name=${open ? 'upward' : 'down'} size=${14} />
        </button>
      </div>
      ${open && html`<${More} entry=${entry} id=${id} />`}
    </li>
  `;
}

export const AuditRows = ({ list }) => html`
  <ol class="audit-rows" aria-label=${t('audit.list')}>
    ${list.map((entry) => html`<${Row} key=${entry.seq} entry=${entry} />`)}
  </ol>
`;
