// The chosen day: which it is, how it stands, the days beside it, and what can be done with it.
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { go } from '../../router.js';
import { dayWords, lookOf } from '../../sentences/bills.js';
import { faultWords } from '../../sentences/faults.js';
import { day, dayState, fetchDay, parts, work } from '../../state/bills/day.js';
import { exportDay } from '../../state/bills/download.js';
import { account, accountName, accounts, date, dayPath, month } from '../../state/bills/month.js';
import { sendFile, upload } from '../../state/bills/upload.js';
import { stampAt } from '../../state/clock.js';
import { may } from '../../state/session.js';
import { toast } from '../../state/toasts.js';
import { addDays, weekday } from '../../values/bill-days.js';
import { count, money, percent } from '../../values/format.js';
import { t, word } from '../../words/index.js';

export function DayTag() {
  const state = dayState.value;
  const [icon, tone] = lookOf(state);
  const { openDifferences = 0, unexplainedFen = 0 } = day.value ?? {};
  return html`
    <span class="tag tone-${tone}">
      <${Icon} name=${icon} size=${13} />
      ${word('bst', state)}
    </span>
    ${day.value?.fromFile && html`<span class="tag tone-warn">${t('recon.fromfile')}</span>`}
    ${openDifferences > 0 && html`<b class="bad">${t('recon.unexplained', { amount: money(unexplainedFen) })}</b>`}
  `;
}

const Beside = ({ to, icon, label }) => html`
  <button
    type="button"
    class="btn ghost icon"
    aria-label=${label}
    disabled=${to > month.value.newest || to < month.value.oldest}
    onClick=${() => go(dayPath(to))}
  >
    <${Icon} name=${icon} />
  </button>
`;

export async function askAgain() {
  try {
    await fetchDay();
  } catch (error) {
    toast('crit', t('recon.fetch.failed', { why: faultWords(error) }));
  }
}

export function FetchButton({ primary }) {
  const [busy, setBusy] = useState(false);
  const working = Boolean(work());
  const ask = async () => {
    setBusy(true);
    await askAgain();
    setBusy(false);
  };
  return html`
    <button type="button" class="btn ${primary ? 'primary' : ''}" disabled=${busy || working} onClick=${ask}>
      <${Icon} name="replay" size=${14} />
      ${t(busy || working ? 'recon.fetching' : day.value?.fetchedAt ? 'recon.fetch.again' : 'recon.fetch')}
    </button>
  `;
}

export function FileButton() {
  const input = useRef(null);
  const off = Boolean(upload.value || work());
  const chosen = () => {
    const [file] = input.current.files;
    if (file) sendFile(file);
    input.current.value = '';
  };
  return html`
    <label class="btn file-button ${off ? 'off' : ''}">
      <${Icon} name="up" size=${14} />
      ${t('recon.file')}
      <input type="file" class="sr" ref=${input} disabled=${off} onChange=${chosen} />
    </label>
  `;
}

export function Sending() {
  if (!upload.value) return null;
  const { name, sent, size } = upload.value;
  return html`
    <div class="bill-work card" role="status">
      <p>
        <bdi class="user">${t('recon.file.sending', { name, share: percent(sent / size, 0) })}</bdi>
      </p>
      <progress max=${size} value=${sent} aria-label=${t('recon.file.sending', { name, share: '' })}></progress>
    </div>
  `;
}

export function DayHead() {
  const { fetchedAt, rows } = day.value ?? {};
  // Where there are no figures the deeds stand in their place.
  const deeds = may('fetchBill') && (fetchedAt || work());
  return html`
    <header class="day-head">
      <div class="month-steps">
        <${Beside} to=${addDays(date.value, -1)} icon="left" label=${t('recon.day.prev')} />
        <h2>${dayWords(date.value, weekday(date.value))}</h2>
        <${Beside} to=${addDays(date.value, 1)} icon="right" label=${t('recon.day.next')} />
      </div>
      ${accounts.value.length > 1 && html`
        <bdi class="user clip day-account" title=${account.value}>${accountName(account.value)}</bdi>
      `}
      ${day.value && html`<${DayTag} />`}
      <span class="grow"></span>
      ${fetchedAt && html`
        <span class="small quiet day-fetched">${t('recon.fetched', { time: stampAt(fetchedAt), n: count(rows) })}</span>
      `}
      <div class="day-deeds">
        ${deeds && html`
          <${FetchButton} />
          <${FileButton} />
        `}
        ${parts.value.length > 0 && html`
          <button type="button" class="btn" onClick=${exportDay}>
            <${Icon} name="download" size=${14} />
            ${t('recon.csv')}
          </button>
        `}
      </div>
    </header>
  `;
}
