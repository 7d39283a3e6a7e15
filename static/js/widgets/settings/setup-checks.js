// The later steps of the set-up: what was read from the settings, as checks, with lines to paste for
// what is missing. Keys are never typed into a browser.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { checkWords } from '../../sentences/checks.js';
import { checkup } from '../../state/setup.js';
import { t, word } from '../../words/index.js';
import { CopyButton } from '../parts/basic.js';
import { Failed, Loading } from '../parts/states.js';

const GRADES = { ok: ['paid', 'ok'], warning: ['high', 'warn'], failed: ['failed', 'crit'] };
const OF = { keys: ['certificate', 'account', 'refunds', 'wechat'], notify: ['notify'] };
const taken = Object.values(OF).flat();
export const findingsOf = (step) =>
  (checkup.data.value?.findings ?? []).filter(({ check }) =>
    OF[step] ? OF[step].includes(check) : !taken.includes(check),
  );
export const worst = (list) =>
  ['failed', 'warning'].find((grade) => list.some((found) => found.grade === grade)) ?? 'ok';

const KEYS = `PAYWATCH_WECHAT_API_V3_KEY_FILE=/etc/paywatch/api-v3-key
PAYWATCH_WECHAT_MERCHANT_SERIAL=
PAYWATCH_WECHAT_MERCHANT_KEY_FILE=/etc/paywatch/apiclient_key.pem
PAYWATCH_WECHAT_PUBLIC_KEY_ID=
PAYWATCH_WECHAT_PUBLIC_KEY_FILE=/etc/paywatch/pub_key.pem`;
const LINES = {
  merchant:
    'PAYWATCH_WECHAT_APP_ID=\nPAYWATCH_WECHAT_MCH_ID=\nPAYWATCH_WECHAT_API_V2_KEY_FILE=/etc/paywatch/api-v2-key',
  keys: KEYS,
  notify: 'PAYWATCH_PUBLIC_ORIGIN=https://pay.example.com',
};

const Finding = ({ found }) => {
  const [icon, tone] = GRADES[found.grade];
  return html`
    <li class="finding ${found.grade}">
      <${Icon} name=${icon} tone=${tone} />
      <div class="grow">
        <p>
          <b>${word('chk', found.check)}</b> <span class="tone-${tone} small">${t(`chk.grade.${found.grade}`)}</span>
        </p>
        <p class="small finding-words">${checkWords(found)}</p>
      </div>
    </li>
  `;
};
const Findings = ({ list }) => html`
  <ul class="findings" aria-label=${t('setup.checks')}>
    ${list.map((found, i) => html`<${Finding} key=${i} found=${found} />`)}
  </ul>
`;

const Paste = ({ step }) => html`
  <div class="paste">
    <p class="small quiet">${t(`setup.paste.${step}`)}</p>
    <pre class="mono" tabindex="0" aria-label=${t('setup.paste')}>${LINES[step]}</pre>
    <${CopyButton} text=${LINES[step]} label=${t('common.copy')} />
  </div>
`;

const Merchant = ({ merchant }) => html`
  <li class="finding ok">
    <${Icon} name="paid" tone="ok" />
    <div class="grow">
      <p>
        <b>
          <bdi>${merchant.name}</bdi>
        </b>
      </p>
      <p class="small">
        ${t('app.merchant', { id: merchant.mchId })} · ${merchant.appIds.map((id) => html`
          <bdi class="mono" key=${id}>${id}</bdi> `)}
        · API ${merchant.api}
      </p>
    </div>
  </li>
`;
const Url = ({ url }) => html`
  <li class="finding">
    <${Icon} name="link" tone="ink" />
    <bdi class="mono grow finding-words">${url}</bdi>
    <${CopyButton} text=${url} />
  </li>
`;

const Parts = {
  merchant: () => html`
    <ul class="findings" aria-label=${t('setup.step.merchant')}>
      ${checkup.data.value.merchants.map((merchant) => html`<${Merchant} key=${merchant.key} merchant=${merchant} />`)}
    </ul>
  `,
  notify: () => html`
    <ul class="findings" aria-label=${t('setup.step.notify')}>
      ${checkup.data.value.notifyUrls.map((url) => html`<${Url} key=${url} url=${url} />`)}
    </ul>
  `,
};

export function Checks({ step }) {
  if (!checkup.data.value && checkup.error.value) {
    return html`<${Failed} panel=${t('setup.checks')} error=${checkup.error.value} onRetry=${checkup.now} />`;
  }
  if (!checkup.data.value) {
    return html`
      <p class="quiet" role="status">${t('setup.checking')}</p>
      <${Loading} rows=${4} />
    `;
  }
  const Part = Parts[step];
  const list = step === 'merchant' ? [] : findingsOf(step);
  return html`
    ${Part && html`<${Part} />`}
    ${list.length > 0 && html`<${Findings} list=${list} />`}
    ${LINES[step] && html`<${Paste} step=${step} />`}
  `;
}
