// The newest events that the server has.
import { get } from '../../http.js';

export const TAIL = 200;

// `last`: the number behind which the stream goes on.
export async function takeTail() {
  const { head } = await get('events?limit=1');
  const after = Math.max(0, head - TAIL);
  const { events } = await get(`events?after=${after}&limit=${TAIL}`);
  return { events, last: events.at(-1)?.seq ?? after };
}
