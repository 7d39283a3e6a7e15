// The month that shows, the day that is chosen in it, and the account: all of them from the address.
import { computed, effect, signal, untracked } from '@preact/signals';
import { get, query } from '../../http.js';
import { params, route } from '../../router.js';
import { byCell, dayIn, firstShown, isDate, isMonth, monthOf } from '../../values/bill-days.js';
import { loader } from '../loader.js';

const asked = computed(() => {
  const { name, id } = route.value;
  if (name !== 'recon') return null;
  if (isDate(id)) return monthOf(id);
  return isMonth(params.value.get('month')) ? params.value.get('month') : '';
});
const wanted = signal('');
export const monthLoader = loader(async () => {
  const answer = await get(`bills?${query({ month: wanted.value })}`);
  return { ...answer, asked: wanted.value };
}, 500);

// The month as it was last heard of; null while another one is on its way.
export const month = computed(() => {
  const found = monthLoader.data.value;
  return found && (found.asked === asked.value || found.month === asked.value) ? found : null;
});
export const cells = computed(() => byCell(month.value?.days ?? []));
export const accounts = computed(() => (monthLoader.data.value?.accounts ?? []).map(({ account }) => account));
export const account = computed(() => {
  const named = params.value.get('account');
  return accounts.value.includes(named) ? named : (accounts.value[0] ?? '');
});
export const accountName = (mchId) =>
  monthLoader.data.value?.accounts.find((each) => each.account === mchId)?.name || mchId;
export const date = computed(() => {
  if (isDate(route.value.id)) return route.value.id;
  return month.value ? firstShown(month.value, account.value) : null;
});
export const cellOf = (day, mchId) => dayIn(cells.value, day, mchId);

export const dayPath = (day, mchId = account.value) => `/recon/${day}?${query({ account: mchId })}`;

// Asks for the month of the address whenever it becomes another one.
export const followMonth = () =>
  effect(() => {
    const next = asked.value;
    if (next === null) return;
    untracked(() => {
      if (month.value && !monthLoader.error.value) return;
      wanted.value = next;
      monthLoader.now();
    });
  });
export const refreshMonth = () => monthLoader.refresh();
