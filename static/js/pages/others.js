// Every page but the monitor: one script, which is fetched when the first of them is opened.
import { Alerts } from './alerts.js';
import { Audit } from './audit.js';
import { Me } from './me.js';
import { Missing } from './missing.js';
import { Order } from './order.js';
import { Orders } from './orders.js';
import { Owed } from './owed.js';
import { Products } from './products.js';
import { Recon } from './recon.js';
import { Receipts } from './receipts.js';
import { Reports } from './reports.js';
import { Settings } from './settings.js';
import { Setup } from './setup.js';
import { Simulator } from './simulator.js';
import { Team } from './team.js';

export const OTHERS = {
  alerts: Alerts,
  orders: Orders,
  order: Order,
  receipts: Receipts,
  recon: Recon,
  reports: Reports,
  products: Products,
  simulator: Simulator,
  settings: Settings,
  team: Team,
  audit: Audit,
  me: Me,
  missing: Missing,
  setup: Setup,
  owed: Owed,
};
