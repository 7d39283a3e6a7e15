// Fastify with better-sqlite3: one process, one transaction a notify.
import { createHash, timingSafeEqual } from 'node:crypto';

import Database from 'better-sqlite3';
import { XMLParser } from 'fast-xml-parser';
import Fastify from 'fastify';

const { PEER_DATABASE, PEER_KEY, PEER_PORT } = process.env;
const SUCCESS = '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>';
const FAIL = '<xml><return_code><![CDATA[FAIL]]></return_code></xml>';

const db = new Database(PEER_DATABASE);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
const find = db.prepare('SELECT id, total_fen, status FROM orders WHERE order_num = ?');
const move = db.prepare(
  "UPDATE orders SET status = 'PAID', transaction_id = ?, paid_at = ? WHERE id = ? AND status = 'INIT'",
);
const insert = db.prepare("INSERT INTO events (kind, order_num, at, data) VALUES ('order.paid', ?, ?, ?)");

const book = db.transaction((fields) => {
  const order = find.get(fields.out_trade_no);
  if (!order || order.total_fen !== Number(fields.total_fee)) return false;
  const now = Date.now();
  if (move.run(fields.transaction_id, now, order.id).changes) {
    const data = JSON.stringify({ totalFen: order.total_fen, openId: fields.openid });
    insert.run(fields.out_trade_no, now, data);
  }
  return true;
});

const parser = new XMLParser({ parseTagValue: false });

function read(body) {
  const fields = parser.parse(body).xml;
  const names = Object.keys(fields).filter((name) => fields[name] && name !== 'sign');
  const text = names
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
  const sign = createHash('md5').update(`${text}&key=${PEER_KEY}`).digest('hex').toUpperCase();
  return sign.length === fields.sign.length && timingSafeEqual(Buffer.from(sign), Buffer.from(fields.sign))
    ? fields
    : null;
}

const app = Fastify({ logger: false });
app.addContentTypeParser('text/xml', { parseAs: 'string' }, (_request, body, done) => done(null, body));
app.post('/pay/notify', (request, reply) => {
  const fields = read(request.body);
  reply.type('text/xml').send(fields && book.immediate(fields) ? SUCCESS : FAIL);
});
await app.listen({ host: '127.0.0.1', port: Number(PEER_PORT) });
process.on('SIGTERM', () => process.exit(0));
