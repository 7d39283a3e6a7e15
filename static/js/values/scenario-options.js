// Reads the typed options of a scenario as the server takes them: yuan in fen, percent as a share.
import { fenOf } from './yuan.js';

const FEN = ['totalFen', 'notifyFen'];
export const isAmount = (name) => FEN.includes(name);

function valueOf(name, text) {
  if (isAmount(name)) return fenOf(text);
  const plain = /^\d{1,4}$/.test(text.trim()) ? Number(text) : null;
  return name === 'anomalyShare' && plain !== null ? plain / 100 : plain;
}

// Null for what is wrong with it; an empty amount is left to the scenario.
function optionOf(name, text, limits) {
  if (isAmount(name) && !text.trim()) return undefined;
  const value = valueOf(name, text);
  const { min, max } = limits?.[name] ?? { min: 0, max: Infinity };
  return value === null || value < min || value > max ? null : value;
}

// `wrong`: the name of the first field that cannot be sent.
export function optionsOf({ takes }, choices, limits) {
  const options = {};
  for (const name of takes) {
    const value = optionOf(name, choices[name], limits);
    if (value === null) return { options: null, wrong: name };
    if (value !== undefined) options[name] = value;
  }
  if (options.notifyFen && options.notifyFen === options.totalFen) return { options: null, wrong: 'notifyFen' };
  return { options, wrong: null };
}
