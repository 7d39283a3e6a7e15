// Addresses to pages. The server gives the same document for each; we choose by the path.
import { computed, signal } from '@preact/signals';

const ROUTES = [
  [/^\/$/, 'monitor'],
  [/^\/login$/, 'login'],
  [/^\/alerts$/, 'alerts'],
  [/^\/alerts\/([^/]+)$/, 'alerts'],
  [/^\/orders$/, 'orders'],
  [/^\/orders\/([^/]+)$/, 'order'],
  [/^\/receipts$/, 'receipts'],
  [/^\/recon$/, 'recon'],
  [/^\/recon\/([^/]+)$/, 'recon'],
  [/^\/reports$/, 'reports'],
  [/^\/products$/, 'products'],
  [/^\/simulator$/, 'simulator'],
  [/^\/settings$/, 'settings'],
  [/^\/team$/, 'team'],
  [/^\/audit$/, 'audit'],
  [/^\/me$/, 'me'],
  [/^\/setup$/, 'setup'],
];

const place = () => ({ path: location.pathname, search: location.search });
const here = signal(place());

export const route = computed(() => {
  for (const [pattern, name] of ROUTES) {
    const match = pattern.exec(here.value.path);
    if (match) return { name, id: match[1] ? safeDecode(match[1]) : null };
  }
  return { name: 'missing', id: null };
});
export const path = computed(() => here.value.path);
export const params = computed(() => new URLSearchParams(here.value.search));

function safeDecode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function go(address, { replace = false } = {}) {
  if (address === location.pathname + location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  here.value = place();
}

// Changes one word of the query and keeps the rest; '' removes it.
export function setParam(name, value) {
  const next = new URLSearchParams(location.search);
  if (value) next.set(name, value);
  else next.delete(name);
  const text = next.toString();
  go(location.pathname + (text ? `?${text}` : ''), { replace: true });
}

export const orderPath = (num) => `/orders/${encodeURIComponent(num)}`;
// An order as it was at a moment (RFC 3339); without one, as it is now.
export const pastPath = (num, at) => `${orderPath(num)}${at ? `?asOf=${encodeURIComponent(at)}` : ''}`;
export const alertPath = (id) => `/alerts/${encodeURIComponent(id)}`;
export const receiptPath = (id, state = 'all') => `/receipts?state=${state}&id=${encodeURIComponent(id)}`;

export const billPath = (date, account, kind, tab) => {
  const chosen = Object.entries({ account, kind, tab }).filter(([, value]) => value);
  return `/recon/${date}${chosen.length ? `?${new URLSearchParams(chosen)}` : ''}`;
};

function follow(event) {
  const link = event.target.closest?.('a[href^="/"]');
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || event.defaultPrevented) return;
  event.preventDefault();
  go(link.getAttribute('href'));
}

export function startRouter() {
  addEventListener('popstate', () => {
    here.value = place();
  });
  document.addEventListener('click', follow);
}
