// The one box of the order search, and how its text was read.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { fullTime, money } from '../../values/format.js';
import { Icon } from '../../icons.js';
import { useKeys } from '../parts/keyboard.js';
import { setParam } from '../../router.js';
import { clean, detect, hasNumber, pasteLines } from '../../values/search.js';
import { asked, isFiltered } from '../../state/orders/filters.js';
import { current, openExact } from '../../state/orders/search.js';
import { t } from '../../words/index.js';

const PAUSE_MS = 250;
const LIMITS = ['phone', 'order', 'product'];

// Asks 250 ms after typing stops, never in the middle of a pinyin composition. The box follows the address only where
// something else has changed it: meanwhile more may have been typed.
function useTyping(box) {
  const [text, setText] = useState(asked.value);
  const timer = useRef(null);
  const own = useRef(asked.value);
  useEffect(() => {
    if (own.current === asked.value) return;
    own.current = asked.value;
    box.current.value = asked.value;
    setText(asked.value);
  }, [asked.value]);
  useLayoutEffect(() => () => clearTimeout(timer.current), []);
  const apply = () => {
    clearTimeout(timer.current);
    const cleaned = clean(box.current.value);
    own.current = cleaned;
    if (cleaned !== asked.value) setParam('q', cleaned);
    return cleaned;
  };
  const typed = (event) => {
    setText(event.currentTarget.value);
    clearTimeout(timer.current);
    if (!event.isComposing) timer.current = setTimeout(apply, PAUSE_MS);
  };
  return { text, typed, apply };
}

// What is pasted beside every field goes into the box.
function usePasteAnywhere(onPaste) {
  const latest = useRef(onPaste);
  latest.current = onPaste;
  useLayoutEffect(() => {
    const paste = (event) => {
      const field = event.target.closest?.('input, textarea, select, [contenteditable]');
      if (!field && !document.querySelector('dialog[open]')) latest.current(event);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}

// The server's reading of this text; before its answer, the guess of the browser.
const kindOf = (text) => (text && text === asked.value && current.value?.read?.as) || detect(text);

export function SearchBox() {
  const box = useRef(null);
  const { text, typed, apply } = useTyping(box);
  useKeys({ '/': () => box.current.focus() });
  const kind = kindOf(clean(text));
  const submit = (event) => {
    event.preventDefault();
    openExact(apply());
  };
  const openPasted = () => setTimeout(() => hasNumber(clean(box.current?.value ?? '')) && openExact(apply()), 0);
  const pasted = (event) => {
    pasteLines(box.current, event);
    openPasted();
  };
  usePasteAnywhere((event) => {
    box.current.focus();
    box.current.select();
    pasteLines(box.current, event);
    openPasted();
  });
  const put = (value) => {
    box.current.value = value;
    typed({ currentTarget: box.current, isComposing: false });
    box.current.focus();
  };
  const limit = (name) =>
    put(`${t(`orders.limit.${name}`)}${t('orders.limit.colon')}${clean(box.current.value).replace(/^[^:]*:/, '')}`);
  return html`
    <form
      class="input order-search"
      role="search"
      onSubmit=${submit}
      onClick=${(event) => event.target === event.currentTarget && box.current.focus()}
    >
      <${Icon} name="search" size=${18} tone="ink" />
      <input
        ref=${box}
        type="search"
        aria-label=${t('search.label')}
        placeholder=${t('orders.place')}
        defaultValue=${asked.value}
        maxlength="800"
        autocomplete="off"
        spellcheck="false"
        aria-describedby="orders-hint"
        onInput=${typed}
        onCompositionEnd=${typed}
        onPaste=${pasted}
      />
      ${kind && html`
        <span class="tag tone-accent detected">
          <${Icon} name="zap" size=${13} />
          <span class="clip">
            <span class="detected-long">${t('orders.as')}</span>
            ${t(`orders.as.${kind}`)}
          </span>
        </span>
      `}
      ${text && html`
        <button
          type="button"
          class="btn ghost small"
          aria-label=${t('orders.clear')}
          onClick=${() => {
            put('');
            apply();
          }}
        >
          <${Icon} name="x" />
        </button>
      `}
      <button type="submit" class="btn primary">
        ${t('orders.submit')} <kbd aria-hidden="true">↵</kbd>
      </button>
    </form>
    <div class="orders-hint small quiet">
      <p id="orders-hint" class=${told() ? 'grow' : 'grow orders-plain'}>${told() || t('orders.hint')}</p>
      <p class="orders-limit">
        ${t('orders.limit')} ${LIMITS.map((name) => html`
          <button type="button" class="link" key=${name} onClick=${() => limit(name)}>
            ${t(`orders.limit.${name}`)}
          </button>
        `)}
      </p>
    </div>
  `;
}

const minute = (at) => fullTime(at).slice(5, 16);

// `11-23 19:00 – 21:00`; the end of a day is its hour 24.
function span(from, to) {
  const [a, b] = [minute(from), minute(to)];
  if (a.slice(0, 5) === b.slice(0, 5)) return `${a} – ${b.slice(6)}`;
  const lastOfDay = b.endsWith('00:00') && minute(Date.parse(to) - 1).slice(0, 5) === a.slice(0, 5);
  return `${a} – ${lastOfDay ? '24:00' : b}`;
}

// How the server read the text, in words; nothing where the chip says it all.
function told() {
  const read = asked.value && current.value?.read;
  if (!read) return '';
  if (read.exact) return t(isFiltered.value ? 'orders.read.exact.filtered' : 'orders.read.exact');
  const parts = [
    read.amountFen.length > 0 && t('orders.read.amount', { money: read.amountFen.map(money).join(t('orders.or')) }),
    read.from && t('orders.read.time', { span: span(read.from, read.to) }),
    read.near && read.amountFen.length > 0 && t('orders.read.near', { time: minute(read.near).slice(6) }),
    read.partlySince && t('orders.read.partly', { time: minute(read.partlySince) }),
  ].filter(Boolean);
  return parts.join(t('orders.read.join'));
}
