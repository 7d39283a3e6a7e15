// Ctrl K: one box for pages, deeds and order numbers.
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { go } from '../../router.js';
import { clean } from '../../values/search.js';
import { closePalette, paletteOpen } from '../../state/palette.js';
import { openExact } from '../../state/orders/search.js';
import { chooseLang, chooseTheme, theme } from '../../state/prefs.js';
import { logout } from '../../state/session.js';
import { lang, t } from '../../words/index.js';
import { Dialog } from '../parts/dialog.js';
import { openHelp } from './help.js';
import { places } from './nav.js';

const MOST = 12;

const pageCommands = () =>
  places().map(({ name, href, icon, key }) => ({
    id: `page-${name}`,
    icon,
    words: t(`nav.${name}`),
    alias: name,
    keys: key && ['G', key.toUpperCase()],
    run: () => go(href),
  }));

function ownCommands() {
  const nextTheme = theme.value === 'dark' ? 'light' : 'dark';
  const nextLang = lang.value === 'en' ? 'zh-CN' : 'en';
  return [
    {
      id: 'theme',
      icon: nextTheme === 'dark' ? 'moon' : 'sun',
      words: t(`theme.${nextTheme}`),
      alias: 'theme',
      run: () => chooseTheme(nextTheme),
    },
    {
      id: 'lang',
      icon: 'swap',
      words: t(`palette.lang.${nextLang}`),
      alias: 'language 中文 english',
      run: () => chooseLang(nextLang),
    },
    { id: 'help', icon: 'key', words: t('keys.title'), alias: 'keys shortcuts', keys: ['?'], run: openHelp },
    { id: 'logout', icon: 'lock', words: t('user.logout'), alias: 'logout', run: logout },
  ];
}

function lookUp(text) {
  go(`/orders?q=${encodeURIComponent(text)}`);
  openExact(text);
}
const searchFor = (text) => ({
  id: 'find',
  icon: 'search',
  words: t('palette.find', { q: text }),
  run: () => lookUp(text),
});

// Every word that was typed must be in the name or its other name. A number is looked up first.
function found(text) {
  const commands = [...pageCommands(), ...ownCommands()];
  const typed = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = commands.filter(({ words, alias = '' }) =>
    typed.every((word) => `${words} ${alias}`.toLowerCase().includes(word)),
  );
  const wanted = clean(text);
  if (!wanted) return fits.slice(0, MOST);
  const find = searchFor(wanted);
  return /\d/.test(wanted) ? [find, ...fits].slice(0, MOST) : [...fits.slice(0, MOST - 1), find];
}

function Palette() {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef(null);
  const commands = found(text);
  const chosen = Math.min(at, commands.length - 1);
  const run = (command) => {
    closePalette();
    command.run();
  };
  const move = (by) => {
    const next = (chosen + by + commands.length) % commands.length;
    setAt(next);
    list.current.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const key = (event) => {
    if (event.isComposing) return;
    const act = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Enter: () => commands[chosen] && run(commands[chosen]),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const type = (event) => {
    setText(event.currentTarget.value);
    setAt(0);
  };
  return html`
    <${Dialog} title=${t('palette.title')} onClose=${closePalette} kind="palette">
      <div class="input palette-box">
        <${Icon} name="search" tone="ink" />
        <input
          data-first
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-autocomplete="list"
          aria-activedescendant=${commands[chosen] ? `palette-${commands[chosen].id}` : undefined}
          aria-label=${t('palette.title')}
          placeholder=${t('palette.place')}
          maxlength="128"
          autocomplete="off"
          spellcheck=${false}
          onInput=${type}
          onKeyDown=${key}
        />
        <kbd aria-hidden="true">Esc</kbd>
      </div>
      <ul id="palette-list" class="palette-list" role="listbox" aria-label=${t('palette.list')} ref=${list}>
        ${commands.map((command, i) => html`
          <li
            key=${command.id}
            id=${`palette-${command.id}`}
            role="option"
            aria-selected=${String(i === chosen)}
            onClick=${() => run(command)}
            onPointerMove=${() => setAt(i)}
          >
            <${Icon} name=${command.icon} size=${16} />
            <span class="grow user clip">${command.words}</span>
            ${command.keys?.map((name) => html`<kbd key=${name}>${name}</kbd>`)}
          </li>
        `)}
      </ul>
    <//>
  `;
}

export const CommandPalette = () => paletteOpen.value && html`<${Palette} />`;
