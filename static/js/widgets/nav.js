// The brand and the links to the pages: beside the page, in the phone's tabs, in its menu.
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { route } from '../router.js';
import { unresolvedCount, unresolvedText } from '../state/alerts.js';
import { site } from '../state/prefs.js';
import { user } from '../state/session.js';
import { t } from '../words/index.js';

const PAGES = {
  monitor: { href: '/', icon: 'monitor', words: 'monitor' },
  alerts: { href: '/alerts', icon: 'bell', words: 'alerts' },
  orders: { href: '/orders', icon: 'search', words: 'orders' },
  receipts: { href: '/receipts', icon: 'scale', words: 'receipts' },
};
const navOrder = () => (user.value?.role === 'support' ? ['orders', 'monitor', 'alerts', 'receipts'] : ['monitor', 'alerts', 'orders', 'receipts']);
const current = () => (route.value.name === 'order' ? 'orders' : route.value.name);

function NavLink({ name, tab }) {
  const { href, icon, words } = PAGES[name];
  const here = current() === name;
  const badge = name === 'alerts' && unresolvedCount.value > 0;
  return html`<a href=${href} aria-current=${here ? 'page' : undefined} title=${tab ? undefined : t(`nav.${words}`)}>
    <${Icon} name=${icon} size=${tab ? 20 : 16} /><span class="nav-word">${t(`${tab ? 'tab' : 'nav'}.${words}`)}</span>
    ${badge && html`<span class="badge"><span aria-hidden="true">${unresolvedText}</span><span class="sr">${t('nav.badge', { n: unresolvedText.value })}</span></span>`}</a>`;
}

export const Brand = () => html`<div class="brand"><span class="logo"><${Icon} name="monitor" size=${18} /></span>
  <span class="brand-words"><b>${t('app.name')}</b>${site.merchant && html`<span class="small quiet"><bdi>${t('app.merchant', { id: site.merchant })}</bdi></span>`}</span></div>`;

export const NavList = () => html`<ul class="nav-list">${navOrder().map((name) => html`<li key=${name}><${NavLink} name=${name} /></li>`)}</ul>`;

export const Tabs = () => html`<nav class="tabs" aria-label=${t('nav.label')}>${navOrder().map((name) => html`<${NavLink} key=${name} name=${name} tab />`)}</nav>`;
