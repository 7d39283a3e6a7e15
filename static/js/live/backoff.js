// How long to wait before the next try: longer each time, at most five seconds, and never all browsers at once.
export const BACKOFF_S = [1, 2, 4];

export function waitMs(attempt, random) {
  const seconds = BACKOFF_S[Math.min(attempt, BACKOFF_S.length - 1)];
  return seconds * 1000 * (0.8 + 0.4 * random());
}
