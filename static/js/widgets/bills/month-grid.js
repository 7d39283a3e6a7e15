// A month at a glance: a row for each account, a column for each day, walked with the arrow keys.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { go } from '../../router.js';
import { lookOf, STATES } from '../../sentences/bills.js';
import { account, accountName, accounts, cellOf, date, dayPath, month } from '../../state/bills/month.js';
import { addMonths, cellState, daysOf, monthOf, stepTo, weekday } from '../../values/bill-days.js';
import { money } from '../../values/format.js';
import { t, word } from '../../words/index.js';

function words(day, state, cell, mchId) {
  const values = { date: day, account: accountName(mchId), state: word('bst', state), n: cell?.openDifferences };
  return t(state === 'differences' ? 'recon.cell.open' : 'recon.cell', values);
}

function Cell({ day, mchId, chosen, reachable }) {
  const cell = cellOf(day, mchId);
  const state = cellState(day, cell, month.value);
  if (state === 'future' || state === 'old') {
    return html`
      <td class="bill-cell ${state}" role="gridcell">
        <span class="sr">${word('bst', state)}</span>
      </td>
    `;
  }
  const [icon, tone] = lookOf(state);
  const text = words(day, state, cell, mchId);
  return html`
    <td class="bill-cell ${chosen ? 'chosen' : ''}" role="gridcell">
      <a
        href=${dayPath(day, mchId)}
        data-cell=${`${day} ${mchId}`}
        tabindex=${reachable ? undefined : '-1'}
        aria-current=${chosen ? 'date' : undefined}
        title=${text}
      >
        <${Icon} name=${icon} tone=${tone} size=${15} />
        ${state === 'differences' && html`<b class="bad" aria-hidden="true">${cell.openDifferences}</b>`}
        <span class="sr">${text}</span>
      </a>
    </td>
  `;
}

const Head = ({ days }) => html`
  <thead>
    <tr role="row">
      <th scope="col" class="bill-account">
        <span class="sr">${t('recon.grid.account')}</span>
      </th>
      ${days.map((day) => html`
        <th scope="col" key=${day} class=${[0, 6].includes(weekday(day)) ? 'weekend' : ''}>
          <span aria-hidden="true">${Number(day.slice(8))}</span>
          <span class="sr">${day}</span>
        </th>
      `)}
    </tr>
  </thead>
`;

// Where the focus is to go: kept while another month is on its way.
let sought = null;

function seek(box) {
  const link = sought && box.current?.querySelector(`[data-cell="${CSS.escape(`${sought.date} ${sought.account}`)}"]`);
  if (!link) return;
  sought = null;
  link.focus();
}

function useWalk(box) {
  useEffect(() => seek(box));
  return (event) => {
    const from = event.target.closest?.('[data-cell]')?.dataset.cell.split(' ');
    if (!from || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = stepTo(event.key, { date: from[0], account: from[1] }, accounts.value);
    if (!next) return;
    event.preventDefault();
    if (next.date > month.value.newest || next.date < month.value.oldest) return;
    sought = next;
    if (monthOf(next.date) === month.value.month) seek(box);
    else go(dayPath(next.date, next.account));
  };
}

// The Tab key stops at the chosen day; where that is not in the grid, at its last one.
function tabStop(days, chosen) {
  const { oldest, newest } = month.value;
  const shown = days.filter((day) => day >= oldest && day <= newest);
  return shown.includes(chosen) ? chosen : shown.at(-1);
}

export function MonthGrid() {
  const box = useRef(null);
  const walk = useWalk(box);
  const days = daysOf(month.value.month);
  const chosen = date.value;
  const stop = tabStop(days, chosen);
  useEffect(() => {
    const link = box.current.querySelector('[aria-current=date]');
    link?.closest('td').scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [chosen, account.value, month.value.month]);
  return html`
    <div class="bill-scroll list-scroll" ref=${box} onKeyDown=${walk}>
      <table class="bill-grid" role="grid" aria-label=${t('recon.grid', { month: month.value.month })}>
        <${Head} days=${days} />
        <tbody>
          ${accounts.value.map((mchId) => html`
            <tr key=${mchId} role="row">
              <th scope="row" class="bill-account">
                <bdi class="user clip" title=${mchId}>${accountName(mchId)}</bdi>
              </th>
              ${days.map((day) => {
                const here = day === chosen && mchId === account.value;
                return html`
                  <${Cell}
                    key=${day}
                    day=${day}
                    mchId=${mchId}
                    chosen=${here}
                    reachable=${day === stop && mchId === account.value}
                  />
                `;
              })}
            </tr>
          `)}
        </tbody>
      </table>
    </div>
  `;
}

function MonthSum() {
  const { days } = month.value;
  const open = days.reduce((sum, day) => sum + day.openDifferences, 0);
  const fen = days.reduce((sum, day) => sum + day.unexplainedFen, 0);
  if (open) return html`<b class="bad">${t('recon.month.sum', { n: open, amount: money(fen) })}</b>`;
  return days.some(({ fetchedAt }) => fetchedAt)
    ? html`<span class="tone-ok">${t('recon.month.calm')}</span>`
    : html`<span class="quiet">${t('recon.month.nobill')}</span>`;
}

const monthPath = (to) => `/recon?month=${to}&account=${encodeURIComponent(account.value)}`;
const Step = ({ to, icon, label, disabled }) => html`
  <button
    type="button"
    class="btn ghost icon"
    aria-label=${label}
    disabled=${disabled}
    onClick=${() => go(monthPath(to))}
  >
    <${Icon} name=${icon} />
  </button>
`;

export function MonthBar() {
  const { month: now, oldest, newest } = month.value;
  const [before, after] = [addMonths(now, -1), addMonths(now, 1)];
  return html`
    <div class="card-head bill-month-head">
      <div class="month-steps" role="group" aria-label=${t('recon.month')}>
        <${Step} to=${before} icon="left" label=${t('recon.month.prev')} disabled=${before < monthOf(oldest)} />
        <h2>${now}</h2>
        <${Step} to=${after} icon="right" label=${t('recon.month.next')} disabled=${after > monthOf(newest)} />
      </div>
      <${MonthSum} />
      <span class="grow"></span>
      <ul class="bill-legend small" aria-label=${t('recon.legend')}>
        ${STATES.map((state) => html`
          <li key=${state}>
            <${Icon} name=${lookOf(state)[0]} tone=${lookOf(state)[1]} size=${13} />
            ${word('bst', state)}
          </li>
        `)}
      </ul>
    </div>
  `;
}
