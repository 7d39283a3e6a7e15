// Widths where the layout itself changes, as signals.
import { signal } from '@preact/signals';

function watch(query) {
  const media = matchMedia(query);
  const on = signal(media.matches);
  media.addEventListener('change', () => {
    on.value = media.matches;
  });
  return on;
}

export const roomForDrawer = watch('(min-width: 1280px)');
export const overlay = watch('(min-width: 1024px) and (max-width: 1279px)');
export const narrow = watch('(max-width: 1023px)');
export const phone = watch('(max-width: 767px)');
