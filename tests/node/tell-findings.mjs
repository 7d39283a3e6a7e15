// Every word that the pages make of alerts, events and checks, in both languages: JSON from standard input, JSON to standard
// output. Python's tests run it, with what the server answered and with other sentences in it.
import { readFileSync } from 'node:fs';
import {
  differenceText,
  findingOf,
  lead,
  reason,
  ruleWords,
  saying,
  todoWords,
} from '../../static/js/sentences/explain.js';
import { checkWords } from '../../static/js/sentences/checks.js';
import { sides } from '../../static/js/sentences/findings.js';
import { setLang } from '../../static/js/words/index.js';

const flat = (part) =>
  Array.isArray(part) ? part.map(flat).join('') : part?.props ? flat(part.props.children) : String(part ?? '');

const tellAlert = (alert) => ({
  lead: flat(lead(alert)),
  why: flat(reason(alert)),
  rule: flat(ruleWords(alert)),
  todo: flat(todoWords(alert)),
  ...sides(alert),
  difference: differenceText(alert),
});
const tellEvent = (event) => {
  const finding = findingOf(event);
  return { saying: saying(event), ...(finding && tellAlert(finding)) };
};

const { alerts = [], events = [], checks = [] } = JSON.parse(readFileSync(0, 'utf8'));
const told = {};
for (const lang of ['zh-CN', 'en']) {
  await setLang(lang);
  told[lang] = { alerts: alerts.map(tellAlert), events: events.map(tellEvent), checks: checks.map(checkWords) };
}
process.stdout.write(JSON.stringify(told));
