// What a new shop has to do: judged by the server from what is there.
import { get } from '../http.js';
import { loader } from './loader.js';

const MOVES = /^(order|alert|system)\./;

export const firstSteps = loader(() => get('first-steps'), 5000);
export const movesSteps = (events) => events.some(({ kind }) => MOVES.test(kind));
