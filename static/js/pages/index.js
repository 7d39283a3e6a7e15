// Which page shows at a route's name.
import { Alerts } from './alerts.js';
import { Missing } from './missing.js';
import { Monitor } from './monitor.js';
import { Order } from './order.js';
import { Orders } from './orders.js';
import { Receipts } from './receipts.js';

export const PAGES = {
  monitor: Monitor,
  alerts: Alerts,
  orders: Orders,
  order: Order,
  receipts: Receipts,
  missing: Missing,
};
