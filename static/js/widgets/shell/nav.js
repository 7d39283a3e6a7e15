// The brand and the links to the pages: beside the page, in the phone's tabs, in its menu.
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { route } from '../../router.js';
import { needed, toDecide, toExplain } from '../../state/alerts/inbox.js';
import { unresolvedCount } from '../../state/alerts/unresolved.js';
import { site } from '../../state/prefs.js';
import { user } from '../../state/session.js';
import { t } from '../../words/index.js';

// In the order of the navigation. `key` goes there after G; `group` is a heading above; `roles`
// those who may open it (all without); `tab`: in the phone's tabs and the menu of the user only.
const PAGES = [
  { name: 'monitor', href: '/', icon: 'monitor', key: 'm' },
  { name: 'alerts', href: '/alerts', icon: 'bell', key: 'a' },
  { name: 'orders', href: '/orders', icon: 'search', key: 'o' },
  { name: 'receipts', href: '/receipts', icon: 'dup', key: 'u' },
  { name: 'recon', href: '/recon', icon: 'scale', key: 'r' },
  { name: 'reports', href: '/reports', icon: 'bars', key: 'b' },
  { name: 'products', href: '/products', icon: 'layers', key: 'p', group: 'manage', roles: ['admin'] },
  { name: 'team', href: '/team', icon: 'users', key: 't', group: 'manage', roles: ['admin'] },
  { name: 'audit', href: '/audit', icon: 'log', key: 'l', group: 'manage', roles: ['admin', 'viewer'] },
  { name: 'settings', href: '/settings', icon: 'gear', key: 'e', group: 'manage', roles: ['admin'] },
  ...(site.mode === 'simulation'
    ? [{ name: 'simulator', href: '/simulator', icon: 'flask', key: 's', group: 'dev', roles: ['admin'] }]
    : []),
  { name: 'me', href: '/me', icon: 'user', key: 'y', tab: true },
];
const TABS = ['monitor', 'alerts', 'orders', 'receipts', 'recon', 'me'];
const fits = ({ roles }) => !roles || roles.includes(user.value?.role);
const mine = () => PAGES.filter(fits);
// May this role open the page of this name? What is not in the list is for all.
export const mayOpen = (name) => PAGES.filter((page) => page.name === name).every(fits);
// Customer service begins with the orders.
const first = ({ name }) => user.value?.role === 'support' && name === 'orders';
export const places = () => [...mine().filter(first), ...mine().filter((page) => !first(page))];
const current = () => (route.value.name === 'order' ? 'orders' : route.value.name);

// What waits for the reader behind a page.
const WAITING = { monitor: needed, alerts: () => unresolvedCount.value, receipts: toDecide, recon: toExplain };
const shown = (n) => (n > 99 ? '99+' : String(n));

function NavLink({ page: { name, href, icon }, tab }) {
  const here = current() === name;
  const waiting = WAITING[name]?.() ?? 0;
  return html`
    <a href=${href} aria-current=${here ? 'page' : undefined} title=${tab ? undefined : t(`nav.${name}`)}>
      <${Icon} name=${icon} size=${tab ? 20 : 16} />
      <span class="nav-word">${t(`${tab ? 'tab' : 'nav'}.${name}`)}</span>
      ${waiting > 0 && html`
        <span class="badge">
          <span aria-hidden="true">${shown(waiting)}</span>
          <span class="sr">${t(`nav.badge.${name}`, { n: shown(waiting) })}</span>
        </span>
      `}
    </a>
  `;
}

export const Brand = () => html`
  <div class="brand">
    <span class="logo">
      <${Icon} name="monitor" size=${18} />
    </span>
    <span class="brand-words">
      <b>${t('app.name')}</b>
      ${site.merchant && html`
        <span class="small quiet">
          <bdi>${t('app.merchant', { id: site.merchant })}</bdi>
        </span>
      `}
    </span>
  </div>
`;

export function NavList() {
  let group = null;
  return html`
    <ul class="nav-list">
      ${places()
        .filter(({ tab }) => !tab)
        .map((page) => {
          const heading = page.group && page.group !== group;
          group = page.group;
          return html`
            ${heading && html`<li key=${page.group} class="nav-group small quiet">${t(`nav.${page.group}`)}</li>`}
            <li key=${page.name}>
              <${NavLink} page=${page} />
            </li>
          `;
        })}
    </ul>
  `;
}

export const Tabs = () => html`
  <nav class="tabs" aria-label=${t('nav.label')}>
    ${places().filter(({ name }) => TABS.includes(name)).map((page) => html`
      <${NavLink} key=${page.name} page=${page} tab />
    `)}
  </nav>
`;
