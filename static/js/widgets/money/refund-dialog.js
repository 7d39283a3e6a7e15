// The refund dialog. Its number is made when it opens: a double click or a retry refunds once.
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { faultWords } from '../../sentences/faults.js';
import { money } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { serverNow } from '../../state/clock.js';
import { needsSecond, newRefundNum, requestRefund } from '../../state/money/refunds.js';
import { may, user } from '../../state/session.js';
import { t } from '../../words/index.js';
import { fenOf } from '../../values/yuan.js';
import { Dialog } from '../parts/dialog.js';
import { useSending } from '../parts/sending.js';
import { writeReason } from '../../values/refund-reason.js';
import { amountProblem, AmountField, ReasonFields, reasonProblem } from './refund-fields.js';

const Figures = ({ rows }) => html`
  <dl class="figures">
    ${rows.map(([label, fen]) => html`
      <div key=${label}>
        <dt>${label}</dt>
        <dd>${money(fen)}</dd>
      </div>
    `)}
  </dl>
`;

// The number stays, so that after a lost answer the same refund is asked for.
function useRefund(order, onDone) {
  const number = useRef(null);
  number.current ??= newRefundNum(serverNow());
  const { busy, fault, run } = useSending();
  const send = (words) =>
    run(async () => {
      const answer = await requestRefund(order, { ...words, refundNum: number.current });
      if (answer) onDone(answer.refund);
    });
  return { number: number.current, busy, fault, send };
}

function Fault({ error }) {
  const lost = error.status === 0 || error.status >= 500;
  return html`
    <div class="note-box crit" role="alert">
      <${Icon} name="failed" />
      <span>${faultWords(error)} ${lost && t('refund.retry')}</span>
    </div>
  `;
}

// From the limit on an admin only asks, whatever the amount of this part is.
function Consequence({ second, limitFen }) {
  const words = second
    ? t('refund.second', { limit: money(limitFen) })
    : t(may('refund') ? 'refund.consequence' : 'refund.consequence.request');
  return html`
    <p class="note-box warn">
      <${Icon} name="high" tone="warn" />
      <span>${words}</span>
    </p>
  `;
}

export function RefundDialog({ order, refunds, sums, limitFen, onClose, onDone }) {
  const [form, setForm] = useState({ amount: '', reason: '', note: '' });
  const [tried, setTried] = useState(false);
  const { number, busy, fault, send } = useRefund(order, onDone);
  const change = (part) => setForm((old) => ({ ...old, ...part }));
  const problem = amountProblem(form.amount, sums.refundable);
  const why = reasonProblem(form);
  const fen = fenOf(form.amount);
  const second = may('refund') && needsSecond(refunds, user.value.name, fen ?? 0, limitFen);
  const decides = may('refund') && !second;
  const submit = (event) => {
    event.preventDefault();
    setTried(true);
    if (!problem && !why) send({ amountFen: fen, reason: writeReason(form) });
  };
  const amt = fen === null ? '' : money(fen);
  const title = order.customer ? t('refund.title', { name: order.customer }) : t('refund.title.plain');
  const sub = html`
    <bdi class="mono">${order.orderNum}</bdi> · <bdi class="user">${order.title}</bdi>
  `;
  const rows = [
    [t('refund.due'), order.totalFen],
    [t('money.refunded'), sums.refunded],
    [t('money.refundable'), sums.refundable],
  ];
  return html`
    <${Dialog}
      cross
      title=${title}
      sub=${sub}
      onClose=${busy ? null : onClose}
      touched=${!busy && Boolean(form.amount || form.reason || form.note)}
    >
      ${(leave) => html`
        <form onSubmit=${submit} novalidate>
          <${Figures} rows=${rows} />
          <${AmountField}
            text=${form.amount}
            most=${sums.refundable}
            problem=${problem}
            busy=${busy}
            onChange=${(amount) => change({ amount })}
          />
          <${ReasonFields} form=${form} problem=${tried ? why : null} busy=${busy} onChange=${change} />
          <${Consequence} second=${second} limitFen=${limitFen} />
          ${fault && html`<${Fault} error=${fault} />`}
          <div class="dialog-foot lined">
            <span class="small quiet grow refund-number">${t('refund.number', { num: number })}</span>
            <button type="button" class="btn" disabled=${busy} onClick=${leave}>${t('common.cancel')}</button>
            <button
              type="submit"
              class="btn ${decides ? 'danger' : 'primary'}"
              disabled=${Boolean(problem)}
              aria-disabled=${busy ? 'true' : undefined}
              aria-describedby=${problem ? 'refund-problem' : undefined}
            >
              ${busy ? t('refund.sending') : t(decides ? 'refund.confirm' : 'refund.confirm.request', { amt })}
            </button>
          </div>
        </form>
      `}
    <//>
  `;
}
