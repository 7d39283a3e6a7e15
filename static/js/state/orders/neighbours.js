// The order before and the order after one, in the search result that the reader came from.
import { page } from './search.js';

export function neighboursOf(num) {
  const numbers = page.value?.orders.map(({ orderNum }) => orderNum) ?? [];
  const at = numbers.indexOf(num);
  return at < 0
    ? null
    : { at: page.value.first + at + 1, prev: numbers[at - 1] ?? null, next: numbers[at + 1] ?? null };
}
