// The actions on an order: ask WeChat, serve, close, refund, note. Actions that the role may not do are not shown.
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { faultWords } from '../../sentences/faults.js';
import { money } from '../../values/format.js';
import { post } from '../../http.js';
import { Icon } from '../../icons.js';
import { useKeys } from '../parts/keyboard.js';
import { serverNow } from '../../state/clock.js';
import { sumsOf } from '../../state/money/refunds.js';
import { may } from '../../state/session.js';
import { toast } from '../../state/toasts.js';
import { has, t } from '../../words/index.js';
import { WordsDialog } from '../parts/words-dialog.js';
import { Dialog } from '../parts/dialog.js';
import { RefundDialog } from '../money/refund-dialog.js';
import { tellRefund } from '../money/refund-list.js';

const path = (order, deed) => `orders/${encodeURIComponent(order.orderNum)}/${deed}`;
const NEXT = { SERVICE_WAIT: 'IN_SERVICE', IN_SERVICE: 'SERVED' };
const CALM = new Set(['paid', 'unpaid', 'same', 'duplicate', 'closed', 'refunded', 'unknown']);

// One deed at a time; its failure is told in a toast. True when it was done.
function useDeed(onChanged) {
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const run = async (send) => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    try {
      await send();
      return true;
    } catch (error) {
      toast('crit', faultWords(error));
      return false;
    } finally {
      running.current = false;
      setBusy(false);
      onChanged();
    }
  };
  return { busy, run };
}

async function askWeChat(order, onAsked) {
  const { outcome } = await post(path(order, 'query'));
  onAsked({ outcome, at: serverNow() });
  toast(
    CALM.has(outcome) ? 'ok' : 'warn',
    has(`query.${outcome}`) ? t(`query.${outcome}`) : t('query.other', { outcome }),
  );
}

function CloseDialog({ order, onClose, deed }) {
  const close = async () => {
    const done = await deed.run(() => post(path(order, 'close')));
    if (done) toast('ok', t('deed.close.done'));
    onClose();
  };
  return html`
    <${Dialog}
      title=${t('deed.close.title')}
      sub=${html`<bdi class="mono">${order.orderNum}</bdi>`}
      onClose=${deed.busy ? null : onClose}
    >
      <p class="note-box warn">
        <${Icon} name="high" tone="warn" />
        <span>${t('deed.close.why')}</span>
      </p>
      <div class="dialog-foot">
        <button type="button" class="btn" data-first onClick=${onClose}>${t('common.cancel')}</button>
        <button type="button" class="btn primary" disabled=${deed.busy} onClick=${close}>
          ${t('deed.close.ok', { amt: money(order.totalFen) })}
        </button>
      </div>
    <//>
  `;
}

// `noting` opens the note from elsewhere on the page; `onNoted` when its dialog is gone.
export function OrderActions({ order, refunds, limitFen, noting, onNoted, onAsked, onChanged }) {
  const [dialog, setDialog] = useState(null);
  const query = useDeed(onChanged);
  const closing = useDeed(onChanged);
  const serving = useDeed(onChanged);
  const writing = useDeed(onChanged);
  const sums = sumsOf(order, refunds);
  const can = {
    query: may('query'),
    serve:
      may('serve') &&
      !(order.status === 'REFUNDED' && order.serviceStatus === 'SERVICE_WAIT') &&
      NEXT[order.serviceStatus],
    close: may('close') && ['INIT', 'WAIT_PAY'].includes(order.status),
    refund: may('requestRefund') && sums.refundable > 0,
  };
  useKeys({ r: () => (can.refund ? setDialog('refund') : false) });
  if (!Object.values(can).some(Boolean)) return null;
  const away = () => setDialog(null);
  const refunded = (refund) => {
    away();
    tellRefund(refund);
    onChanged();
  };
  const decides = may('refund');
  return html`
    <div class="order-actions">
      ${can.query && html`
        <button
          type="button"
          class="btn"
          disabled=${query.busy}
          onClick=${() => query.run(() => askWeChat(order, onAsked))}
        >
          <${Icon} name="replay" />
          ${t(query.busy ? 'deed.query.busy' : 'deed.query')}
        </button>
      `}
      ${can.serve && html`
        <button
          type="button"
          class="btn"
          disabled=${serving.busy}
          onClick=${() => serving.run(() => post(path(order, 'service'), { to: can.serve }))}
        >
          <${Icon} name="headset" />
          ${t(`deed.serve.${can.serve}`)}
        </button>
      `}
      ${can.close && html`
        <button type="button" class="btn" onClick=${() => setDialog('close')}>
          <${Icon} name="closed" />
          ${t('deed.close')}
        </button>
      `}
      ${can.refund && html`
        <button type="button" class="btn ${decides ? 'risky' : ''}" onClick=${() => setDialog('refund')}>
          <${Icon} name="refund" />
          ${t(decides ? 'refund.open' : 'refund.request')} <kbd aria-hidden="true">R</kbd>
        </button>
      `}
      ${noting && html`
        <${WordsDialog}
          about=${`order ${order.orderNum}`}
          title=${t('deed.note.title')}
          submit=${t('common.save')}
          onSend=${(words) => writing.run(() => post(path(order, 'note'), words))}
          onClose=${onNoted}
        />
      `}
      ${dialog === 'close' && html`<${CloseDialog} order=${order} deed=${closing} onClose=${away} />`}
      ${dialog === 'refund' && html`
        <${RefundDialog}
          order=${order}
          refunds=${refunds}
          sums=${sums}
          limitFen=${limitFen}
          onClose=${away}
          onDone=${refunded}
        />
      `}
    </div>
  `;
}
