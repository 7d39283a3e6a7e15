// One event, one row; with a second line when something is wrong with it.
import { html } from '../../html.js';
import { eventWord, findingOf, glyph, isFinding, reason, saying } from '../../sentences/explain.js';
import { clock, isFen, money } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { alertPath, orderPath } from '../../router.js';
import { toggleGroup } from '../../state/feed/feed.js';
import { t } from '../../words/index.js';
import { Age, OrderLink, Severity, Time, Times } from '../parts/basic.js';

const FRESH_MS = 1500;

// Where Enter and a click lead: the alert if the row has one, else the order.
function target(item) {
  const id = item.alert?.data?.alertId ?? item.data?.alertId;
  if (id) return alertPath(id);
  return item.orderNum ? orderPath(item.orderNum) : null;
}

const REFUNDS = new Set(['refund.succeeded', 'refund.requested', 'refund.approved']);
function amount(item) {
  const fen = item.data?.amountFen ?? item.alert?.data?.amountFen;
  if (isFinding(item)) {
    const paid = isFen(item.data?.actual) && item.data?.alertKind !== 'refund_anomaly' ? item.data.actual : fen;
    return isFen(paid) ? money(paid) : '';
  }
  if (!isFen(fen)) return '';
  return money(REFUNDS.has(item.kind) ? -fen : fen);
}

function Subject({ item }) {
  const data = { ...item.alert?.data, ...item.data };
  const parts = [data.title, data.customer].filter(Boolean);
  const ours = [item.healed && t('say.healed'), saying(item)].filter(Boolean).join(' · ');
  return html`
    <span class="feed-subject clip" title=${[ours, ...parts].filter(Boolean).join(' · ')}>
      ${ours && html`<bdi>${ours}</bdi>`}
      ${parts.map((part, i) => html`
        <span class=${part === data.customer ? 'customer' : ''}>
          ${(i > 0 || ours) && ' · '}
          <bdi class="user">${part}</bdi>
        </span>
      `)}
    </span>
  `;
}

export function FeedRow({ item, onOpen, ...place }) {
  const finding = isFinding(item) ? findingOf(item) : null;
  const [icon, tone] = glyph(item);
  const name = item.healed ? t('event.order.healed') : eventWord(item);
  const fresh = Date.now() - item.arrived < FRESH_MS;
  const where = target(item);
  const foreign = finding?.kind === 'missing_order'; // a number that is not ours leads nowhere, and has no product
  return html`
    <li
      class="feed-row ${finding ? `issue sev-${item.severity}` : ''} ${fresh ? 'fresh' : ''} ${where ? 'opens' : ''}"
      tabindex="-1"
      data-seq=${item.seq}
      ...${place}
      onClick=${(event) => where && onOpen(event, where)}
    >
      <${Time} class="feed-time" at=${item.at} show=${clock} />
      <span class="feed-what">
        ${finding
          ? html`<${Severity} level=${item.severity} />`
          : html`<${Icon} name=${icon} tone=${tone} />`}
        <b class="clip" title=${name}>${name}</b>
      </span>
      <span class="feed-order ${foreign ? 'wide' : ''}">
        ${foreign
          ? html`<bdi class="mono">${item.orderNum ?? ''}</bdi>`
          : item.orderNum
              ? html`<${OrderLink} num=${item.orderNum} />`
              : finding ? html`<span class="quiet">${t('say.noorder')}</span>` : ''}
      </span>
      <${Subject} item=${item} />
      <b class="feed-amount num">${amount(item)}</b>
      <${Age} at=${item.at} />
      ${finding && html`
        <p class="feed-reason">
          ${reason(finding)}
          ${finding.kind !== 'bad_signature' && html`<${Times} n=${finding.count} />`}
        </p>
      `}
    </li>
  `;
}

// The ordinary events of one busy second: how many, how much, and at a touch each of them.
export function GroupRow({ group, ...place }) {
  const { of, n, fen, open } = group;
  const [icon, tone] = glyph({ kind: of });
  const toggle = () => String(getSelection()) || toggleGroup(group.key);
  return html`
    <li class="feed-row group opens" tabindex="-1" ...${place} onClick=${toggle}>
      <${Time} class="feed-time" at=${group.at} show=${clock} />
      <span class="feed-what">
        <${Icon} name=${icon} tone=${tone} />
        <b class="clip">${t(`event.${of}`)}</b>
        <${Times} n=${n} />
        <button type="button" class="group-button" aria-expanded=${String(open)}>
          <${Icon} name=${open ? 'down' : 'right'} size=${14} />
          ${t(open ? 'feed.group.close' : 'feed.group.open')}
        </button>
      </span>
      <span class="feed-subject clip">${t('feed.group', { n })}</span>
      <b class="feed-amount num">${isFen(fen) ? money(fen) : ''}</b>
      <${Age} at=${group.at} />
    </li>
  `;
}
