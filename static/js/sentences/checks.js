// The sentence about a check of the set-up, by its code and values; the server's sentence is for the command line.
import { t, has } from '../words/index.js';

export function checkWords({ code, values = {} }) {
  const found = has(`check.${code}`) ? t(`check.${code}`, { n: values.days, ...values }) : code;
  return has(`todo.${values.cause}`) ? `${found} ${t(`todo.${values.cause}`)}` : found;
}
