// The figures of today and the last sixty minutes.
import { get, isBrought } from '../../http.js';
import { documentTimes, learnTime } from '../clock.js';
import { loader } from '../loader.js';

async function ask() {
  const times = isBrought('summary') ? documentTimes() : [Date.now()];
  const answer = await get('summary');
  learnTime(answer.at, ...times);
  return answer;
}

export const summary = loader(ask);
