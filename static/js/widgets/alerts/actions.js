// At the foot of an open alert: claim, resolve, replay, and where its money is decided. What a role
// may not do is not there.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { kindWord } from '../../sentences/explain.js';
import { moneyIn } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { useKeys } from '../parts/keyboard.js';
import { billPath, receiptPath } from '../../router.js';
import { act } from '../../state/alerts/unresolved.js';
import { actOnPicked, bulkDialog, picked } from '../../state/alerts/picked.js';
import { may } from '../../state/session.js';
import { t } from '../../words/index.js';
import { ReplayDialog } from './replay.js';
import { WordsDialog } from '../parts/words-dialog.js';

const allowed = (alert) => ({
  acknowledge: may('acknowledge') && alert.status === 'open',
  resolve: may('resolve') && alert.status !== 'resolved',
  reopen: may('reopen') && alert.status === 'resolved',
  replay: may('replay') && Boolean(alert.evidence?.notifyId),
});

const KEPT = ['older_than_order', 'foreign_currency', 'partner', 'reused_id']; // no refund is proposed of these
// Undecided money of this case is decided where the sums of all money are.
function Money({ receipt }) {
  if (!receipt) return null;
  const open = receipt.state === 'waiting' && !KEPT.includes(receipt.reason) && may('decideReceipt');
  return html`
    <a class="btn ${open ? 'danger-line' : ''}" href=${receiptPath(receipt.id)}>
      <${Icon} name=${open ? 'refund' : 'scale'} />
      ${t(open ? 'case.refund' : 'case.receipt', { amount: moneyIn(receipt.amountFen, receipt.currency) })}
    </a>
  `;
}

// The differences that a case counts are on the page of their day.
function Bill({ alert }) {
  const { date, account, difference } = alert.evidence?.values ?? {};
  if (alert.kind !== 'reconcile_gap' || !date) return null;
  return html`
    <a class="btn" href=${billPath(date, account, difference)}>
      <${Icon} name="scale" />
      ${t('case.bill', { date })}
    </a>
  `;
}

export function AlertActions({ alert, receipt }) {
  const [dialog, setDialog] = useState(null);
  const [busy, setBusy] = useState(false);
  const can = allowed(alert);
  const run = async (action, words) => {
    setBusy(true);
    const fresh = await act(alert, action, words);
    setBusy(false);
    return fresh;
  };
  const claim = () => (can.acknowledge && !busy ? void run('acknowledge') : false);
  const many = () => picked.value.length > 0;
  useKeys({
    a: () => (many() ? void actOnPicked('acknowledge') : claim()),
    e: () => (many() ? void (bulkDialog.value = 'resolve') : can.resolve ? setDialog('resolve') : false),
  });
  const isBill = alert.kind === 'reconcile_gap';
  if (!receipt && !isBill && !Object.values(can).some(Boolean)) return null;
  const close = () => setDialog(null);
  return html`
    <footer class="detail-foot">
      ${can.acknowledge && html`
        <button type="button" class="btn primary" disabled=${busy} onClick=${claim}>
          ${t('alerts.claim')} <kbd aria-hidden="true">A</kbd>
        </button>
      `}
      ${can.resolve && html`
        <button type="button" class="btn ${can.acknowledge ? '' : 'primary'}" onClick=${() => setDialog('resolve')}>
          <${Icon} name="check" />
          ${t('alert.resolve')} <kbd aria-hidden="true">E</kbd>
        </button>
      `}
      ${can.reopen && html`
        <button type="button" class="btn" disabled=${busy} onClick=${() => run('reopen')}>
          <${Icon} name="open" />
          ${t('alert.reopen')}
        </button>
      `}
      <span class="grow"></span>
      ${can.replay && html`
        <button type="button" class="btn" onClick=${() => setDialog('replay')}>
          <${Icon} name="replay" />
          ${t('replay.open')}
        </button>
      `}
      <${Money} receipt=${receipt} />
      <${Bill} alert=${alert} />
      ${dialog === 'resolve' && html`
        <${WordsDialog}
          about=${`alert ${alert.id}`}
          title=${t(can.resolve ? 'alert.resolve.title' : 'alert.note.title', { kind: kindWord(alert.kind) })}
          asksReason=${can.resolve}
          submit=${t(can.resolve ? 'alert.resolve.ok' : 'alert.note')}
          onSend=${(words) => run(can.resolve ? 'resolve' : 'note', words)}
          onClose=${close}
        />
      `}
      ${dialog === 'replay' && html`<${ReplayDialog} alert=${alert} onClose=${close} />`}
    </footer>
  `;
}
