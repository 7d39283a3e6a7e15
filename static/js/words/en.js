// All words in English, as one book.
import general from './en/general.js';
import alerts from './en/alerts.js';
import money from './en/money.js';
import orders from './en/orders.js';
import settings from './en/settings.js';
import shell from './en/shell.js';
import monitor from './en/monitor.js';
import order from './en/order.js';
import workshop from './en/workshop.js';
import people from './en/people.js';
import causes from './en/causes.js';
import checks from './en/checks.js';
import machine from './en/machine.js';
import bills from './en/bills.js';
import reports from './en/reports.js';

export default {
  ...general,
  ...alerts,
  ...money,
  ...orders,
  ...settings,
  ...shell,
  ...monitor,
  ...order,
  ...workshop,
  ...people,
  ...causes,
  ...checks,
  ...machine,
  ...bills,
  ...reports,
};
