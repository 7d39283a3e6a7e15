// What the palette offers beside the pages: deeds of the page that is open, and of the console.
import { computed, signal } from '@preact/signals';

const layers = signal([]);
export const paletteOpen = signal(false);
export const openPalette = () => {
  paletteOpen.value = true;
};
export const closePalette = () => {
  paletteOpen.value = false;
};

// `commands`: [{id, words, icon, run, keys?}]. Returns how to take them away again.
export function offer(commands) {
  layers.value = [...layers.value, commands];
  return () => {
    layers.value = layers.value.filter((layer) => layer !== commands);
  };
}

// The youngest page's deeds first.
export const offered = computed(() => layers.value.toReversed().flat());
