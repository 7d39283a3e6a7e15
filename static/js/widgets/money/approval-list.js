// The refunds that wait for an admin, whatever order they are of.
import { useEffect } from 'preact/hooks';
import { html } from '../../html.js';
import { orderPath } from '../../router.js';
import { onFlush } from '../../state/feed/feed.js';
import { inbox, movesInbox } from '../../state/alerts/inbox.js';
import { approvals } from '../../state/money/approvals.js';
import { may } from '../../state/session.js';
import { t } from '../../words/index.js';
import { RefundItem } from './refund-list.js';

function refresh() {
  approvals.refresh();
  inbox.refresh();
}

export function Approvals() {
  const shown = may('decideRefund');
  useEffect(() => {
    if (shown) refresh();
  }, [shown]);
  useEffect(() => onFlush((events) => movesInbox(events) && refresh()), []);
  const list = approvals.data.value?.refunds ?? [];
  if (!shown || !list.length) return null;
  return html`
    <section class="card approvals" tabindex="0" aria-label=${t('rfd.waiting')}>
      <h2>${t('rfd.waiting')}</h2>
      <ul class="refund-list">
        ${list.map((refund) => html`
          <${RefundItem} key=${refund.refundNum} refund=${refund} onChanged=${refresh} />
          ${refund.orderNum && html`
            <li key=${`${refund.refundNum}-order`} class="small">
              <a href=${orderPath(refund.orderNum)}>${t('rfd.order', { order: refund.orderNum })}</a>
            </li>
          `}
        `)}
      </ul>
    </section>
  `;
}
