import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { go } from '../../router.js';
import { useKeys } from '../parts/keyboard.js';
import { clean, hasNumber, pasteLines } from '../../values/search.js';
import { openExact } from '../../state/orders/search.js';
import { chooseLang, chooseTheme, site, theme } from '../../state/prefs.js';
import { logout, user } from '../../state/session.js';
import { lang, t, word } from '../../words/index.js';
import { Avatar, Seg } from '../parts/basic.js';
import { Pill } from './connection.js';
import { Dialog } from '../parts/dialog.js';
import { Brand, NavList } from './nav.js';

const LANGS = [
  { id: 'zh-CN', text: '中', lang: 'zh-CN' },
  { id: 'en', text: 'EN', lang: 'en' },
];
export const LangSwitch = () => html`
  <${Seg} label=${t('lang.switch')} options=${LANGS} value=${lang.value} onChoose=${chooseLang} />
`;

export function ThemeButton() {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  return html`
    <button
      type="button"
      class="btn icon"
      aria-label=${t(`theme.${next}`)}
      title=${t(`theme.${next}`)}
      onClick=${() => chooseTheme(next)}
    >
      <${Icon} name=${theme.value === 'dark' ? 'sun' : 'moon'} />
    </button>
  `;
}

export const EnvBadge = () => html`
  <span class="env ${site.mode}">
    <span class="env-long">${t(`env.${site.mode}`)}</span>
    <span class="env-short" aria-hidden="true">${t(`env.short.${site.mode}`)}</span>
  </span>
`;

function Search() {
  const input = useRef(null);
  useKeys({ '/': () => input.current.focus() });
  const submit = (event) => {
    event.preventDefault();
    const q = clean(input.current.value);
    if (!q) return;
    input.current.value = '';
    go(`/orders?q=${encodeURIComponent(q)}`);
    openExact(q);
  };
  const pasted = (event) => {
    pasteLines(input.current, event);
    setTimeout(() => hasNumber(clean(input.current?.value ?? '')) && submit(event), 0);
  };
  return html`
    <form class="input top-search" role="search" onSubmit=${submit}>
      <${Icon} name="search" tone="ink" />
      <input
        ref=${input}
        type="search"
        onPaste=${pasted}
        aria-label=${t('search.label')}
        placeholder=${t('search.placeholder')}
        maxlength="800"
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  `;
}

function UserMenu() {
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  const leave = (event) => !box.current.contains(event.relatedTarget) && setOpen(false);
  const key = (event) => {
    if (event.key !== 'Escape' || !open) return;
    event.stopPropagation();
    setOpen(false);
    box.current.querySelector('button').focus();
  };
  const { name, role } = user.value;
  return html`
    <div class="user-menu" ref=${box} onFocusOut=${leave} onKeyDown=${key}>
      <button
        type="button"
        class="user-button"
        aria-expanded=${String(open)}
        onClick=${() => setOpen(!open)}
        title=${name}
      >
        <${Avatar} name=${name} />
        <bdi class="user-name clip">${name}</bdi>
        <span class="small quiet">${word('role', role)}</span>
        <span class="sr">${t('user.menu')}</span>
        <${Icon} name="down" size=${14} />
      </button>
      ${open && html`
        <div class="menu">
          <a href="/me" onClick=${() => setOpen(false)}>${t('nav.me')}</a>
          <button type="button" onClick=${logout}>${t('user.logout')}</button>
        </div>
      `}
    </div>
  `;
}

function Sheet({ onClose }) {
  const chosen = (event) => event.target.closest('a') && onClose();
  return html`
    <${Dialog} title=${t('nav.menu')} onClose=${onClose} kind="sheet">
      <div onClick=${chosen}>
        <${Brand} />
        <nav aria-label=${t('nav.label')}>
          <${NavList} />
        </nav>
      </div>
      <div class="sheet-foot">
        <${LangSwitch} />
        <${ThemeButton} />
        <span class="grow"></span>
        <button type="button" class="btn" onClick=${onClose}>${t('common.close')}</button>
      </div>
      <p class="sheet-user">
        <${Avatar} name=${user.value.name} />
        <bdi class="grow clip">${user.value.name}</bdi>
        <span class="small quiet">${word('role', user.value.role)}</span>
        <button type="button" class="btn" onClick=${logout}>${t('user.logout')}</button>
      </p>
    <//>
  `;
}

export function TopBar({ title, search }) {
  const [menu, setMenu] = useState(false);
  return html`
    <header class="top">
      <button
        type="button"
        class="btn ghost icon menu-button"
        aria-label=${t('nav.menu')}
        aria-expanded=${String(menu)}
        onClick=${() => setMenu(true)}
      >
        <${Icon} name="menu" />
      </button>
      <h1 class="clip">${title}</h1>
      <span class="grow"></span>
      ${search && html`<${Search} />`}
      <${Pill} />
      <${EnvBadge} />
      <div class="top-tools">
        <${LangSwitch} />
        <${ThemeButton} />
        <${UserMenu} />
      </div>
      ${search && html`
        <a class="btn ghost icon search-button" href="/orders" aria-label=${t('search.label')}>
          <${Icon} name="search" />
        </a>
      `}
      ${menu && html`<${Sheet} onClose=${() => setMenu(false)} />`}
    </header>
  `;
}
