// The products as a table; on a phone as lines. A switch takes one off sale, or puts it back.
import { useState } from 'preact/hooks';
import { faultWords } from '../../sentences/faults.js';
import { money, stamp } from '../../values/format.js';
import { html } from '../../html.js';
import { second } from '../../state/clock.js';
import { site } from '../../state/prefs.js';
import { editing, saveProduct, tryProduct } from '../../state/money/products.js';
import { toast } from '../../state/toasts.js';
import { t } from '../../words/index.js';
import { CopyButton, Time, User } from '../parts/basic.js';
import { Dialog } from '../parts/dialog.js';

async function flip(product) {
  try {
    const { title, active } = await saveProduct(product, { active: !product.active });
    toast('ok', t(active ? 'prod.on.done' : 'prod.off.done', { title }));
  } catch (error) {
    toast('crit', error.code === 'conflict' ? t('prod.faster.short') : faultWords(error));
  }
}

function Switch({ product }) {
  return html`
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked=${String(product.active)}
      aria-label=${t('prod.switch', { title: product.title })}
      onClick=${() => flip(product)}
    >
      <span class="switch-track" aria-hidden="true">
        <span></span>
      </span>
      <span aria-hidden="true">${t(product.active ? 'prod.on' : 'prod.off')}</span>
    </button>
  `;
}

// The order is made before the buyer's page opens, so its link can be followed, copied or left.
function Trial({ trial, onClose }) {
  return html`
    <${Dialog} title=${t('prod.try.title')} onClose=${onClose} kind="narrow">
      <p>${t('prod.try.made', { num: trial.orderNum })}</p>
      <p class="small quiet">${t('prod.try.why')}</p>
      <div class="dialog-foot">
        <${CopyButton} text=${trial.payUrl} label=${t('prod.try.copy')} />
        <span class="grow"></span>
        <button type="button" class="btn" onClick=${onClose}>${t('common.close')}</button>
        <a class="btn primary" data-first href=${trial.payUrl} target="_blank" rel="noopener noreferrer">
          ${t('prod.try.open')}
        </a>
      </div>
    <//>
  `;
}

function Deeds({ product, onTry }) {
  const attempt = async () => {
    try {
      onTry(await tryProduct(product.id));
    } catch (error) {
      toast('crit', faultWords(error));
    }
  };
  return html`
    <span class="product-deeds">
      ${site.mode === 'simulation' && product.active && html`
        <button type="button" class="link" aria-label=${t('prod.try.of', { title: product.title })} onClick=${attempt}>
          ${t('prod.try')}
        </button>
      `}
      <button
        type="button"
        class="link"
        aria-label=${t('prod.edit.of', { title: product.title })}
        onClick=${() => {
          editing.value = product;
        }}
      >
        ${t('prod.change')}
      </button>
    </span>
  `;
}

const changedAt = (at) => stamp(at, second.value);

function Row({ product, onTry }) {
  return html`
    <tr data-id=${product.id} class=${product.active ? '' : 'off'}>
      <td class="product-name">
        <${User} text=${product.title} />
        <span class="mono small quiet">${product.id}</span>
      </td>
      <td class="num product-price">
        <b>${money(product.priceFen)}</b>
      </td>
      <td class="product-state">
        <${Switch} product=${product} />
      </td>
      <td class="product-time">
        <${Time} at=${product.updatedAt} show=${changedAt} />
      </td>
      <td class="num product-do">
        <${Deeds} product=${product} onTry=${onTry} />
      </td>
    </tr>
  `;
}

export function ProductTable({ list }) {
  const [trial, setTrial] = useState(null);
  return html`
    <div class="list-scroll" tabindex="0" role="group" aria-label=${t('nav.products')}>
      <table class="table product-table">
        <thead>
          <tr>
            <th>${t('prod.title')}</th>
            <th class="num">${t('prod.price')}</th>
            <th>${t('prod.state')}</th>
            <th class="product-time">${t('prod.updated')}</th>
            <th class="num">${t('sim.col.do')}</th>
          </tr>
        </thead>
        <tbody>
          ${list.map((product) => html`<${Row} key=${product.id} product=${product} onTry=${setTrial} />`)}
        </tbody>
      </table>
    </div>
    <footer class="list-foot small">
      <span>${t('prod.foot', { n: list.length })}</span>
      <span class="grow"></span>
      <span>${t('prod.note')}</span>
    </footer>
    ${trial && html`<${Trial} trial=${trial} onClose=${() => setTrial(null)} />`}
  `;
}
