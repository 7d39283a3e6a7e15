// All words in Chinese, as one book.
import general from './zh/general.js';
import alerts from './zh/alerts.js';
import money from './zh/money.js';
import orders from './zh/orders.js';
import settings from './zh/settings.js';
import shell from './zh/shell.js';
import monitor from './zh/monitor.js';
import order from './zh/order.js';
import workshop from './zh/workshop.js';
import people from './zh/people.js';
import causes from './zh/causes.js';
import checks from './zh/checks.js';
import machine from './zh/machine.js';
import bills from './zh/bills.js';
import reports from './zh/reports.js';

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
