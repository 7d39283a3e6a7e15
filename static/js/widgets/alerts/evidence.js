// Ours against WeChat's, field by field, in reading order; the row that breaks the rule stands out.
import { html } from '../../html.js';
import { isMoneyField, valueText } from '../../sentences/explain.js';
import { fieldOf } from '../../sentences/findings.js';
import { count, isFen, money, moneyIn, NONE, signedMoney } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { t, word } from '../../words/index.js';

const MONO = new Set([
  'out_trade_no',
  'transaction_id',
  'appid',
  'mch_id',
  'mchid',
  'openid',
  'payer.openid',
  'serial',
  'refund_id',
  'out_refund_no',
]);
const STATES = new Set(['status', 'trade_state', 'refund_status', 'result_code', 'sign']);
const UNPROVEN = new Set(['bad_signature', 'refund_anomaly', 'system']); // these say themselves what proves them
const blank = (value) => value === null || value === undefined || value === '';

function Value({ field, side, kind, currency }) {
  const value = field[side];
  if (blank(value)) {
    return html`
      <span class="quiet">
        <span aria-hidden="true">${NONE}</span>
        <span class="sr">${t('common.none')}</span>
      </span>
    `;
  }
  if (isMoneyField(field) && isFen(value) && side === 'wechat' && currency !== 'CNY') {
    return html`<span class="evidence-value">${moneyIn(value, currency)}</span>`;
  }
  if (isMoneyField(field) && isFen(value)) {
    return html`
      <span class="two-lines">
        <span class="evidence-value">${money(value)}</span>
        <span class="small quiet">${t('alert.fen', { n: count(value) })}</span>
      </span>
    `;
  }
  const book = field.name === 'refund_status' ? 'refund_anomaly' : kind === 'system' ? kind : null;
  const words = STATES.has(field.name) || book ? valueText(value, book) : String(value);
  if (field === SIGNED) {
    return html`
      <span class="status tone-ok">
        <${Icon} name="paid" size=${15} />
        ${t('alert.raw.authentic')}
      </span>
    `;
  }
  return html`
    <bdi class="evidence-value ${MONO.has(field.name) ? 'mono' : ''}">${words}</bdi>
    ${words !== String(value) && field.name !== 'sign' && html` <span class="small quiet">${String(value)}</span>`}
  `;
}

function Compare({ field }) {
  if (field.same === false) return html`<span class="differs" role="img" aria-label=${t('alert.differs')}>≠</span>`;
  if (field.same !== true || blank(field.ours) || blank(field.wechat)) return null;
  const moved = String(field.ours) !== String(field.wechat);
  return html`
    <span class="quiet" role="img" aria-label=${t(moved ? 'alert.allowed' : 'alert.same')}>${moved ? '→' : '='}</span>
  `;
}

function Difference({ field }) {
  if (field.same !== false || !isMoneyField(field) || !isFen(field.ours) || !isFen(field.wechat)) return null;
  return html`
    <span class="small bad evidence-diff">
      ${t('alert.difference', { amount: signedMoney(field.wechat - field.ours) })}
    </span>
  `;
}

const Row = ({ field, kind, currency }) => html`
  <tr class=${field.same === false ? 'broken' : ''}>
    <th scope="row">
      ${word('f', field.name)}
      ${currency === 'CNY' && html`<${Difference} field=${field} />`}
    </th>
    <td>
      <${Value} field=${field} side="ours" kind=${kind} currency="CNY" />
    </td>
    <td class="compare">
      <${Compare} field=${field} />
    </td>
    <td>
      <${Value} field=${field} side="wechat" kind=${kind} currency=${currency} />
    </td>
  </tr>
`;

// A payment notify that the rules looked at was proven first.
const proven = ({ kind, evidence }) => Boolean(evidence?.notifyId) && !UNPROVEN.has(kind);
const SIGNED = { name: 'sign', ours: null, wechat: 'valid', same: true };

export function Evidence({ alert }) {
  const given = alert.evidence?.fields ?? [];
  const fields = given.length && proven(alert) ? [...given, SIGNED] : given;
  const currency = fieldOf(alert, 'fee_type', 'amount.currency')?.wechat || 'CNY';
  const ordered = Boolean(alert.orderNum); // without one there is nothing of ours to compare with
  const broken = fields.filter((field) => field.same === false).length;
  return html`
    <section class="detail-part" aria-labelledby="evidence-title">
      <h3 id="evidence-title">
        ${t('alert.evidence')}
        ${fields.length > 0 && html` <span class="small quiet">
            ${t('alert.count', { n: fields.length, m: broken })}
          </span>`}
      </h3>
      ${!fields.length
        ? html`<p class="quiet small">${t('alert.noevidence')}</p>`
        : html`
            <div class="evidence-box">
              <table class="evidence">
                <thead>
                  <tr>
                    <th scope="col" class="quiet">${t('alert.field')}</th>
                    <th scope="col">${t(ordered ? 'alert.ours' : 'alerts.col.expected')}</th>
                    <th scope="col">
                      <span class="sr">${t('alert.compare')}</span>
                    </th>
                    <th scope="col">${t(ordered ? 'alert.wechat' : 'alerts.col.actual')}</th>
                  </tr>
                </thead>
                <tbody>
                  ${fields.map((field) => html`
                    <${Row} key=${field.name} field=${field} kind=${alert.kind} currency=${currency} />
                  `)}
                </tbody>
              </table>
            </div>
          `}
    </section>
  `;
}
