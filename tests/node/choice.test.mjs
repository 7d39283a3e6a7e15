// Which rows of a list are chosen, alike for alerts and for differences of bills.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { MOST, choiceOf } from '../../static/js/state/choice.js';

const rows = (...ids) => ids.map((id) => ({ id, open: id % 2 === 1 }));
const idsOf = ({ picked }) => picked.value.map(({ id }) => id);

test('what the list does not show is not chosen', () => {
  const list = signal(null);
  const choice = choiceOf(list);
  assert.deepEqual([idsOf(choice), choice.allPicked.value], [[], false]);
  list.value = rows(1, 2, 3);
  choice.pick(list.value.slice(0, 2));
  choice.toggle({ id: 3 });
  assert.deepEqual([idsOf(choice), choice.allPicked.value], [[1, 2, 3], true]);
  choice.toggle({ id: 1 });
  list.value = rows(1, 3, 4);
  assert.deepEqual([idsOf(choice), choice.isPicked({ id: 3 }), choice.isPicked({ id: 1 })], [[3], true, false]);
});

test('all of them are those that may be chosen, and once more none', () => {
  const list = signal(rows(1, 2, 3));
  const choice = choiceOf(list, ({ open }) => open);
  choice.pickAll();
  assert.deepEqual([idsOf(choice), choice.allPicked.value], [[1, 3], true]);
  choice.pickAll();
  assert.deepEqual([idsOf(choice), choice.allPicked.value], [[], false]);
  choice.pick(list.value);
  list.value = list.value.map((row) => ({ ...row, open: row.id === 3 }));
  assert.deepEqual(idsOf(choice), [3], 'one that was resolved meanwhile is left out');
  choice.unpick();
  assert.deepEqual(idsOf(choice), []);
});

test('no more are chosen than one request takes', () => {
  const list = signal(rows(...Array.from({ length: MOST + 5 }, (_, i) => i)));
  const choice = choiceOf(list);
  choice.pickAll();
  assert.deepEqual([idsOf(choice).length, choice.allPicked.value], [MOST, true]);
  choice.pick(list.value);
  assert.equal(idsOf(choice).length, MOST);
});
