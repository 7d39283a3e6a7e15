// A kept notify through the rules of now: first only what would be; booked only in a second step.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { kindWord, valueText } from '../../sentences/explain.js';
import { faultWords } from '../../sentences/faults.js';
import { isFen, money, NONE } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { post } from '../../http.js';
import { confirmed } from '../../state/people/confirm-password.js';
import { toast } from '../../state/toasts.js';
import { has, t, word } from '../../words/index.js';
import { Dialog } from '../parts/dialog.js';
import { Failed, Loading } from '../parts/states.js';

const pathOf = (id) => `notifies/${encodeURIComponent(id)}/replay`;
const verdictWord = (code) => (has(`verdict.${code}`) ? t(`verdict.${code}`) : kindWord(code));
const shown = (name, value) =>
  name === 'receipt' ? word('rst', value) : isFen(value) ? money(value) : valueText(value);

const Change = ({ change: { name, before, after } }) => html`
  <tr>
    <th scope="row">${t(`replay.field.${name}`)}</th>
    <td>${before === null ? NONE : shown(name, before)}</td>
    <td class="compare" aria-hidden="true">→</td>
    <td>
      <b>${shown(name, after)}</b>
    </td>
  </tr>
`;

const Changes = ({ list }) => html`
  <table class="evidence">
    <caption class="sr">${t('replay.changes')}</caption>
    <thead>
      <tr>
        <th scope="col" class="quiet">${t('alert.field')}</th>
        <th scope="col">${t('replay.now')}</th>
        <th scope="col">
          <span class="sr">${t('replay.becomes')}</span>
        </th>
        <th scope="col">${t('replay.then')}</th>
      </tr>
    </thead>
    <tbody>
      ${list.map((change) => html`<${Change} key=${change.name} change=${change} />`)}
    </tbody>
  </table>
`;

function Verdict({ told }) {
  if (told.reason) {
    return html`
      <p class="note-box warn">
        <${Icon} name="high" tone="warn" />
        <span>${t(`replay.why.${told.reason}`)}</span>
      </p>
    `;
  }
  const same = told.verdict === told.before;
  const values = { before: verdictWord(told.before), now: verdictWord(told.verdict) };
  return html`
    <p class="replay-verdict">${t(same ? 'replay.same' : 'replay.differs', values)}</p>
    ${told.changes.length
      ? html`
          <div class="evidence-box">
            <${Changes} list=${told.changes} />
          </div>
        `
      : html`<p class="quiet small">${t(told.verdict === 'duplicate' ? 'replay.duplicate' : 'replay.nothing')}</p>`}
  `;
}

function useReplay(id) {
  const [state, setState] = useState({});
  const load = () => {
    setState({});
    post(pathOf(id)).then(
      ({ replay }) => setState({ told: replay }),
      (error) => setState({ error }),
    );
  };
  useEffect(load, [id]);
  return {
    ...state,
    load,
    fail: (fault) => setState((old) => ({ ...old, fault, busy: false })),
    busyNow: () => setState((old) => ({ ...old, fault: null, busy: true })),
  };
}

export function ReplayDialog({ alert, onClose }) {
  const id = alert.evidence.notifyId;
  const replay = useReplay(id);
  const [sure, setSure] = useState(false);
  const { told, error, fault, busy } = replay;
  const amount = money(told?.changes.find(({ name }) => name === 'paidFen')?.after);
  const book = async () => {
    replay.busyNow();
    try {
      const answer = await confirmed(() => post(pathOf(id), { book: true }));
      if (!answer) return replay.fail(null);
      toast('ok', t(`replay.done.${answer.replay.verdict}`, { amount }));
      onClose();
    } catch (problem) {
      if (!problem.status && problem.code !== 'unreachable') throw problem;
      replay.fail(faultWords(problem));
    }
    return undefined;
  };
  const bookable = told?.verdict === 'booked';
  return html`
    <${Dialog}
      title=${t('replay.title', { kind: kindWord(alert.kind) })}
      sub=${html`<span class="mono">${alert.orderNum ?? t('alerts.systemwide')}</span>`}
      onClose=${onClose}
    >
      ${error
        ? html`<${Failed} panel=${t('replay.open')} error=${error} onRetry=${replay.load} />`
        : !told
            ? html`<${Loading} rows=${3} />`
            : html`<${Verdict} told=${told} />`}
      <p class="note-box">
        <${Icon} name="low" tone="accent" />
        <span>${t(sure ? 'replay.sure' : 'replay.safe', { amount })}</span>
      </p>
      ${fault && html`<p class="bad small" role="alert">${fault}</p>`}
      <div class="dialog-foot">
        <button type="button" class="btn" onClick=${onClose} data-first>
          ${t(bookable ? 'common.cancel' : 'common.close')}
        </button>
        ${bookable && !sure && html`
          <button type="button" class="btn primary" onClick=${() => setSure(true)}>${t('replay.book')}</button>
        `}
        ${bookable && sure && html`
          <button type="button" class="btn danger" disabled=${busy} onClick=${book}>
            ${t('replay.confirm', { amount })}
          </button>
        `}
      </div>
    <//>
  `;
}
