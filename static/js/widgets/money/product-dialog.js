// A new product, or the title and the price of one.
import { useRef, useState } from 'preact/hooks';
import { faultWords } from '../../sentences/faults.js';
import { money } from '../../values/format.js';
import { html } from '../../html.js';
import { editing, saveProduct } from '../../state/money/products.js';
import { toast } from '../../state/toasts.js';
import { t } from '../../words/index.js';
import { fenOf, yuanOf } from '../../values/yuan.js';
import { Dialog } from '../parts/dialog.js';

const ID = /^[0-9A-Za-z_-]{1,32}$/;

function Field({ name, label, hint, fault, value, onInput, before, ...input }) {
  const id = `product-${name}`;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <div class="input ${fault ? 'wrong' : ''}">
        ${before}
        <input
          id=${id}
          name=${name}
          autocomplete="off"
          value=${value}
          aria-invalid=${fault ? 'true' : undefined}
          aria-describedby=${`${id}-hint`}
          onInput=${(event) => onInput(event.currentTarget.value)}
          ...${input}
        />
      </div>
      <span class="small ${fault ? 'bad' : 'quiet'}" id=${`${id}-hint`} role=${fault ? 'alert' : undefined}>
        ${fault || hint}
      </span>
    </div>
  `;
}

function faultsOf({ id, title, price }) {
  const fen = fenOf(price);
  return {
    id: ID.test(id) ? null : t('prod.id.bad'),
    title: title.trim() ? null : t('prod.title.need'),
    price: fen === null ? t('refund.bad') : fen === 0 ? t('prod.price.zero') : null,
  };
}

export function ProductDialog({ product }) {
  const isNew = !product.id;
  const first = { id: product.id ?? '', title: product.title ?? '', price: isNew ? '' : yuanOf(product.priceFen) };
  const [now, setNow] = useState(first);
  const [shown, show] = useState(false); // faults are told when someone tried to save
  const [fault, setFault] = useState(null);
  const running = useRef(false);
  const faults = shown ? faultsOf(now) : {};
  const set = (name) => (text) => {
    setNow({ ...now, [name]: text });
    setFault(null);
  };
  const close = () => {
    editing.value = null;
  };
  const priced = fenOf(now.price);

  async function submit(event) {
    event.preventDefault();
    show(true);
    if (running.current || Object.values(faultsOf(now)).some(Boolean)) return;
    running.current = true;
    try {
      const values = { title: now.title.trim(), priceFen: priced };
      const saved = await saveProduct(product, isNew ? { id: now.id, ...values } : values);
      toast('ok', t('prod.saved', { title: saved.title }));
      close();
    } catch (error) {
      if (error.body?.product) editing.value = error.body.product; // their state; what was typed stays
      setFault(
        error.body?.product
          ? t('prod.faster', { title: error.body.product.title, price: money(error.body.product.priceFen) })
          : faultWords(error),
      );
    } finally {
      running.current = false;
    }
  }

  const changed = JSON.stringify(now) !== JSON.stringify(first);
  return html`
    <${Dialog}
      title=${t(isNew ? 'prod.new' : 'prod.edit')}
      sub=${isNew ? null : product.id}
      onClose=${close}
      touched=${changed}
    >
      ${(leave) => html`
        <form onSubmit=${submit} novalidate>
          ${isNew && html`
            <${Field}
              name="id"
              label=${t('prod.id')}
              hint=${t('prod.id.hint')}
              fault=${faults.id}
              value=${now.id}
              onInput=${set('id')}
              maxlength="32"
              spellcheck=${false}
              autocapitalize="none"
              data-first
            />
          `}
          <${Field}
            name="title"
            label=${t('prod.title')}
            hint=${t('prod.title.hint')}
            fault=${faults.title}
            value=${now.title}
            onInput=${set('title')}
            maxlength="255"
            data-first=${isNew ? undefined : true}
          />
          <${Field}
            name="price"
            label=${t('prod.price')}
            hint=${t('prod.price.hint')}
            fault=${faults.price}
            value=${now.price}
            onInput=${set('price')}
            inputmode="decimal"
            maxlength="14"
            before=${html`<span class="quiet">¥</span>`}
          />
          ${!isNew && priced !== null && priced !== product.priceFen && html`
            <p class="note-box warn">${t('prod.price.warn', { old: money(product.priceFen), now: money(priced) })}</p>
          `}
          ${fault && html`<p class="bad small" role="alert">${fault}</p>`}
          <div class="dialog-foot">
            <button type="button" class="btn" onClick=${leave}>${t('common.cancel')}</button>
            <button type="submit" class="btn primary">${t('common.save')}</button>
          </div>
        </form>
      `}
    <//>
  `;
}
