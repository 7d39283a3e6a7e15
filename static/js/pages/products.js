// The products and their prices; orders keep the price that they were made with.
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { useKeys } from '../widgets/parts/keyboard.js';
import { editing, products } from '../state/money/products.js';
import { user } from '../state/session.js';
import { t } from '../words/index.js';
import { ProductDialog } from '../widgets/money/product-dialog.js';
import { ProductTable } from '../widgets/money/product-list.js';
import { Shell } from '../widgets/shell/shell.js';
import { Empty, Failed, Loading } from '../widgets/parts/states.js';

const add = () => {
  editing.value = {};
};
const Add = ({ primary }) => html`
  <button type="button" class="btn ${primary ? 'primary' : ''}" onClick=${add}>
    ${t('prod.add')}
    <kbd aria-hidden="true">N</kbd>
  </button>
`;
const COMMAND = 'paywatch add-product tea "绿茶 100 g" 8800';

function Body() {
  const { data, error } = products;
  if (!data.value && error.value) {
    return html`<${Failed} panel=${t('nav.products')} error=${error.value} onRetry=${products.now} />`;
  }
  if (!data.value) return html`<${Loading} rows=${6} />`;
  if (!data.value.length) {
    return html`
      <${Empty}
        icon="note"
        title=${t('prod.none')}
        why=${html`
          ${t('prod.none.why')}
          <br />
          <code class="mono">${COMMAND}</code>
        `}
      >
        <${Add} primary />
      <//>
    `;
  }
  return html`<${ProductTable} list=${data.value} />`;
}

export function Products() {
  useEffect(() => {
    products.now();
  }, []);
  const manages = user.value?.role === 'admin';
  useKeys({ n: () => (manages ? add() : false) });
  const open = editing.value;
  return html`
    <${Shell} title=${t('nav.products')} kind="products" fixed>
      <div class="list-bar">
        <p class="small quiet grow">${t('prod.lead')}</p>
        ${manages && products.data.value?.length > 0 && html`<${Add} />`}
      </div>
      <section class="card list-card" aria-label=${t('nav.products')}>
        <${Body} />
      </section>
      ${open && html`<${ProductDialog} product=${open} />`}
    <//>
  `;
}
