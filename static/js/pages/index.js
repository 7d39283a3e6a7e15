// Which page shows at a route's name.
import { Alerts } from './alerts.js';
import { Audit } from './audit.js';
import { Me } from './me.js';
import { Missing } from './missing.js';
import { Monitor } from './monitor.js';
import { Order } from './order.js';
import { Orders } from './orders.js';
import { Products } from './products.js';
import { Receipts } from './receipts.js';
import { Simulator } from './simulator.js';
import { Settings } from './settings.js';
import { Team } from './team.js';

export const PAGES = {
  monitor: Monitor,
  alerts: Alerts,
  orders: Orders,
  order: Order,
  receipts: Receipts,
  products: Products,
  simulator: Simulator,
  settings: Settings,
  team: Team,
  audit: Audit,
  me: Me,
  missing: Missing,
};
