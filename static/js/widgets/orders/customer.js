// The customer, the way of payment, and other orders of the same customer; openid and phone masked until an admin asks.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { bankWords } from '../../sentences/order-answer.js';
import { tradeWord } from '../../sentences/explain.js';
import { NONE, maskOpenId, maskPhone, money } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { stampAt } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { t } from '../../words/index.js';
import { Facts, OrderLink, PayState, Time, User } from '../parts/basic.js';
import { UnmaskDialog } from '../parts/unmask.js';

const SHOWN_S = 60;
const mono = (text) => html`<bdi class="mono">${text}</bdi>`;

// The values in full live here alone, and not longer than a minute.
function useRevealed(num) {
  const [seen, setSeen] = useState(null);
  const [left, setLeft] = useState(0);
  const hide = () => setSeen(null);
  const reveal = (buyer) => {
    setSeen(buyer);
    setLeft(SHOWN_S);
  };
  useEffect(() => hide, [num]);
  useEffect(() => {
    if (!seen) return undefined;
    const timer = setTimeout(() => (left > 1 ? setLeft(left - 1) : hide()), 1000);
    return () => clearTimeout(timer);
  }, [seen, left]);
  return { seen, left, reveal, hide };
}

function History({ others }) {
  const [open, setOpen] = useState(false);
  if (!others) return null;
  const words = others.count
    ? t(others.more ? 'cust.history.more' : 'cust.history.n', { n: others.count, amount: money(others.paidFen) })
    : t('cust.history.none');
  return html`
    <div class="history">
      <div class="history-line">
        <span>${t('cust.history')}</span>
        ${others.count
          ? html`
              <button type="button" class="link" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>
                ${words}
              </button>
            `
          : html`<span class="quiet">${words}</span>`}
      </div>
      ${open && html`
        <ul class="history-list small" aria-label=${t('cust.history.recent')}>
          ${others.recent.map((order) => html`
            <li key=${order.orderNum}>
              <${OrderLink} num=${order.orderNum} />
              <${PayState} code=${order.status} />
              <span class="grow"></span>
              <${Time} class="quiet" at=${order.createdAt} show=${stampAt} />
              <span class="num">${money(order.totalFen)}</span>
            </li>
          `)}
        </ul>
      `}
    </div>
  `;
}

function rowsOf({ order, payment, merchant, seen }) {
  const paidAt = order.wechatPaidAt ?? order.paidAt;
  const when = paidAt ? ['cust.paidAt', paidAt] : ['cust.expires', order.expiresAt];
  return [
    [t('cust.name'), html`<${User} text=${order.customer ?? NONE} />`],
    [t('cust.phone'), seen ? html`<b class="mono">${seen.phone ?? NONE}</b>` : maskPhone(order.phone)],
    [t('cust.openid'), seen ? html`<b class="mono">${seen.openId ?? NONE}</b>` : mono(maskOpenId(order.openId))],
    [t('cust.wx'), mono(order.transactionId ?? NONE)],
    payment?.bank && [t('cust.bank'), bankWords(payment.bank)],
    [t('cust.trade'), tradeWord(order.tradeType)],
    [t('cust.product'), mono(order.productId ?? NONE)],
    merchant && [t('cust.merchant'), html`<${User} text=${merchant} />`],
    when[1] && [t(when[0]), html`<${Time} at=${when[1]} show=${stampAt} />`],
    order.wechatPaidAt && [t('cust.heardAt'), html`<${Time} at=${order.paidAt} show=${stampAt} />`],
  ].filter(Boolean);
}

export function Customer({ order, payment, others, merchant }) {
  const [asking, setAsking] = useState(false);
  const { seen, left, reveal, hide } = useRevealed(order.orderNum);
  const done = (buyer) => {
    setAsking(false);
    reveal(buyer);
  };
  return html`
    <section class="card side-card" aria-labelledby="cust-title">
      <div class="side-head">
        <h2 id="cust-title">${t('cust.title')}</h2>
        <span class="grow"></span>
        ${may('unmask') && !seen && html`
          <button type="button" class="btn ghost small" onClick=${() => setAsking(true)}>
            <${Icon} name="eye" size=${14} />
            ${t('unmask.open')}
          </button>
        `}
      </div>
      ${seen && html`
        <p class="note-box warn revealed" role="status">
          <span class="grow">${!seen.openId && !seen.phone ? t('unmask.nothing') : t('unmask.left', { n: left })}</span>
          <button type="button" class="link small" onClick=${hide}>${t('unmask.hide')}</button>
        </p>
      `}
      <${Facts} rows=${rowsOf({ order, payment, merchant, seen })} />
      <${History} others=${others} />
      ${asking && html`
        <${UnmaskDialog}
          path=${`orders/${encodeURIComponent(order.orderNum)}/unmask`}
          title=${t('unmask.title')}
          sub=${order.orderNum}
          onClose=${() => setAsking(false)}
          onDone=${done}
        />
      `}
    </section>
  `;
}
