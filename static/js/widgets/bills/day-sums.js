// Both sides of a day beside each other, what should reach the account, and what the difference is made of.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { differenceWord, kindLook } from '../../sentences/bills.js';
import { day, parts } from '../../state/bills/day.js';
import { setParam } from '../../router.js';
import { isCounted, makeUp, shares } from '../../values/bill-days.js';
import { NONE, count, money, percent, signedMoney } from '../../values/format.js';
import { t } from '../../words/index.js';

const Diff = ({ fen }) =>
  fen
    ? html`<b class="bad">${signedMoney(fen)}</b>`
    : html`
        <span class="status tone-ok">
          <${Icon} name="check" size=${14} />
          ${t('recon.sums.equal')}
        </span>
      `;

const Amount = ({ fen, n }) => html`
  <span class="two-lines">
    <b>${money(fen)}</b>
    ${n !== undefined && html`<span class="small quiet">${t('recon.sums.n', { n: count(n) })}</span>`}
  </span>
`;

const Row = ({ name, wechat, ours, difference, strong }) => html`
  <tr class=${strong ? 'strong' : ''}>
    <th scope="row">${t(`recon.sums.${name}`)}</th>
    <td class="num">${wechat}</td>
    <td class="num">${ours}</td>
    <td class="num">${difference}</td>
  </tr>
`;

// WeChat's fees are checked row by row, not summed up here: our side has none.
function Fees() {
  const odd = parts.value.find(({ kind }) => kind === 'fee_differs');
  const n = odd ? odd.open + odd.resolved : 0;
  return n
    ? html`<b class="bad">${t('recon.sums.fee.bad', { n })}</b>`
    : html`<span class="quiet">${t('recon.sums.fee.ok')}</span>`;
}

const none = html`<span class="quiet" aria-hidden="true">${NONE}</span>`;

// All rows of the bill: drawn so that few among many are still seen, so the words have the numbers.
function Shares() {
  const list = shares(day.value, parts.value);
  const all = list.reduce((sum, { n }) => sum + n, 0);
  const matched = list.find(({ kind }) => kind === 'matched')?.n ?? 0;
  return html`
    <div class="shares" aria-hidden="true">
      ${list.map(({ kind, n }) => html`
        <span
          key=${kind}
          class="share tone-${kind === 'matched' ? 'ok' : kindLook(kind)[1]}"
          style=${{ flexGrow: n }}
        ></span>
      `)}
    </div>
    <p class="small status">
      <${Icon} name="paid" tone="ok" size=${13} />
      ${t('recon.shares', { n: count(matched), all: count(all), share: percent(matched / all) })}
    </p>
  `;
}

export function Sums() {
  const { wechat, ours, flowNetFen } = day.value;
  const flow = flowNetFen !== null;
  const pair = (fen, n) => [
    html`<${Amount} fen=${wechat[fen]} n=${wechat[n]} />`,
    html`<${Amount} fen=${ours[fen]} n=${ours[n]} />`,
    html`<${Diff} fen=${wechat[fen] - ours[fen]} />`,
  ];
  const line = (name, [theirs, own, difference]) => html`
    <${Row} name=${name} wechat=${theirs} ours=${own} difference=${difference} />
  `;
  return html`
    <section class="card day-sums" aria-label=${t('recon.sums')}>
      <table>
        <caption class="sr">${t('recon.sums')}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="sr">${t('recon.sums.item')}</span>
            </th>
            ${['wechat', 'ours', 'difference'].map((name) => html`
              <th scope="col" class="num" key=${name}>${t(`recon.sums.${name}`)}</th>
            `)}
          </tr>
        </thead>
        <tbody>
          ${line('paid', pair('paidFen', 'paidCount'))} ${line('refunded', pair('refundedFen', 'refundCount'))}
          ${line('fee', [html`<${Amount} fen=${wechat.feeFen} />`, none, html`<${Fees} />`])}
          <${Row}
            name="net"
            wechat=${html`<${Amount} fen=${wechat.netFen} />`}
            ours=${none}
            difference=${none}
            strong
          />
          <${Row}
            name="flow"
            wechat=${flow
              ? html`<${Amount} fen=${flowNetFen} />`
              : html`<span class="quiet">${t('recon.sums.noflow')}</span>`}
            ours=${none}
            difference=${flow ? html`<${Diff} fen=${flowNetFen - wechat.netFen} />` : none}
          />
        </tbody>
      </table>
      ${day.value.rows > 0 && html`<${Shares} />`}
    </section>
  `;
}

function Part({ part }) {
  const { kind, n, fen } = part;
  const [icon, tone] = kindLook(kind);
  return html`
    <li>
      <button type="button" class="link part-kind" onClick=${() => setParam('kind', kind)}>
        <${Icon} name=${icon} tone=${tone} size=${14} />
        <span>${differenceWord(kind)} ${count(n)}</span>
      </button>
      <span class="num">
        ${isCounted(part) ? signedMoney(fen) : html`<span class="quiet">${t('recon.makeup.uncounted')}</span>`}
      </span>
    </li>
  `;
}

export function MakeUp() {
  const { theirs, own, net, rows, rest } = makeUp(day.value, parts.value);
  const n = rows.reduce((sum, part) => sum + part.n, 0);
  return html`
    <section class="card make-up" aria-labelledby="make-up">
      <h3 id="make-up">${t('recon.makeup')}</h3>
      <p class="small quiet">${t('recon.makeup.lead', { wechat: money(theirs), ours: money(own) })}</p>
      <p class="make-up-net ${net ? 'bad' : ''}">
        <span class="sr">${t('recon.makeup.net')} </span>
        ${signedMoney(net)}
      </p>
      ${rows.length || rest
        ? html`
            <ul class="part-list" aria-label=${t('recon.makeup.parts')}>
              ${rows.map((part) => html`<${Part} key=${part.kind} part=${part} />`)}
              ${rest !== 0 && html`
                <li>
                  <span class="quiet">${t('recon.makeup.rest')}</span>
                  <span class="num">${signedMoney(rest)}</span>
                </li>
              `}
              <li class="strong">
                <span>${t('recon.makeup.total', { n: count(n) })}</span>
                <span class="num">${signedMoney(net)}</span>
              </li>
            </ul>
          `
        : html`
            <p class="status tone-ok">
              <${Icon} name="paid" size=${15} />
              ${t('recon.makeup.none')}
            </p>
          `}
    </section>
  `;
}
