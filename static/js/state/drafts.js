// What a person has typed and not yet sent, by what it is about: somebody faster, another page or a closed dialog does
// not lose it. In the memory of this page only, and of the latest few.
import { signal } from '@preact/signals';

const MOST = 20;
const kept = signal(new Map());

export const draftOf = (about) => kept.value.get(about) ?? '';

export function keepDraft(about, text) {
  const next = new Map(kept.value);
  next.delete(about);
  if (text) next.set(about, text);
  while (next.size > MOST) next.delete(next.keys().next().value);
  kept.value = next;
}

export const dropDraft = (about) => keepDraft(about, '');
