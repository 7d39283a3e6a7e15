// Numbers and times as people read and type them.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { bars, lowest, niceMax, steps, totals } from '../../static/js/values/chart-math.js';
import * as format from '../../static/js/values/format.js';
import { placeRows, windowOf } from '../../static/js/values/row-math.js';
import { readReason, writeReason } from '../../static/js/values/refund-reason.js';
import { optionsOf } from '../../static/js/values/scenario-options.js';
import { clean, detect, isNumber } from '../../static/js/values/search.js';
import { fenOf, yuanOf } from '../../static/js/values/yuan.js';
import { setLang } from '../../static/js/words/index.js';

beforeEach(() => setLang('en'));

test('yuan are read digit by digit, and what is not an amount is null', () => {
  const read = {
    0: 0,
    0.01: 1,
    0.1: 10,
    50.01: 5001,
    '¥ 88': 8800,
    '1,280.50': 128050,
    '１，２８０.5': 128050,
    '1０．1': 1010,
    ' 0.29 ': 29,
    9999999999.99: 999999999999,
  };
  for (const [text, fen] of Object.entries(read)) assert.equal(fenOf(text), fen, text);
  for (const text of ['', '0.005', '1e1', '1e3', '1,5', '-1', '.', '.5', '1.', '12,34', '1 2', '12345678901', '$1']) {
    assert.equal(fenOf(text), null, text);
  }
});

test('fen are written as yuan and read back as the same fen', () => {
  for (const fen of [0, 1, 10, 99, 100, 101, 8800, 128050, 999999999999]) assert.equal(fenOf(yuanOf(fen)), fen);
  assert.equal(yuanOf(4916_00), '4916.00');
});

test('money is grouped, keeps its fen and is a dash where it is no integer', () => {
  assert.equal(format.money(128050), '¥1,280.50');
  assert.equal(format.money(5), '¥0.05');
  assert.equal(format.money(-8799), '−¥87.99');
  assert.equal(format.signedMoney(1), '+¥0.01');
  assert.equal(format.signedMoney(0), '¥0.00');
  for (const wrong of [null, undefined, 0.5, '1', NaN]) assert.equal(format.money(wrong), format.NONE);
  assert.equal(format.count(-1234567), '−1,234,567');
  assert.equal(format.percent(0.9512), '95.1%');
});

test('the big figure is short from ten million yuan on, in the units of the language', async () => {
  assert.equal(format.shortMoney(999_999_999), null);
  assert.equal(format.shortMoney(1_000_000_000), '¥10,000,000');
  const yuan = 123_456_789;
  assert.match(format.shortMoney(yuan * 100), /^¥123/);
  await setLang('zh-CN');
  assert.match(format.shortMoney(yuan * 100), /^¥1\.23\s?亿$/);
});

test('times are those of Shanghai wherever the browser is', () => {
  const at = '2026-11-29T16:30:15.042Z';
  assert.equal(format.clock(at), '00:30:15');
  assert.equal(format.clockMinute(at), '00:30');
  assert.equal(format.clockMs(at), '00:30:15.042');
  assert.equal(format.isoTime(at), '2026-11-30T00:30:15.042+08:00');
  assert.match(format.fullTime(at), /^2026-11-30 00:30:15 \+08:00( · .*)?$/);
  assert.equal(format.clock('soon'), format.NONE);
  assert.equal(format.stamp(at, Date.parse('2026-11-30T10:00:00Z')), '00:30:15');
  assert.equal(format.stamp(at, Date.parse('2026-11-29T15:59:59Z')), '11-30 00:30:15');
  assert.equal(format.stamp(at, Date.parse('2027-06-01T00:00:00Z')), '2026-11-30 00:30:15');
});

test('an age and a span use the largest whole unit', async () => {
  const now = Date.parse('2026-11-29T12:00:00Z');
  const ago = (seconds) => format.age(new Date(now - seconds * 1000).toISOString(), now);
  await setLang('zh-CN');
  assert.deepEqual([ago(0), ago(59), ago(60), ago(3600)], ['刚刚', '59 秒前', '1 分钟前', '1 小时前']);
  assert.equal(ago(86400), '11-28');
  assert.equal(format.duration(999.4), '999 ms');
  assert.equal(format.duration(1240), '1.2 s');
  assert.equal(format.span(180_000), '3 分 0 秒');
  assert.equal(format.duration(NaN), format.NONE);
});

test('what came unmasked is masked, and what is masked or short stays', () => {
  assert.equal(format.maskPhone('13812345678'), '138****5678');
  assert.equal(format.maskPhone('138****5678'), '138****5678');
  assert.equal(format.maskOpenId('oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'), 'oUpF8u****eS6o');
  assert.equal(format.maskPhone('1381234'), '1381234');
  assert.equal(format.maskPhone(null), format.NONE);
});

test('a text of the order search looks like what the server will take it for', () => {
  const read = {
    '4200001234567890123456789012': 'transaction',
    4200001234: 'transaction',
    138: 'phone_prefix',
    '１３８ 1234': 'phone_prefix',
    '138-1234-5678': 'phone',
    '尾号 5678': 'phone_tail',
    '138****5678': 'phone_tail',
    oUpF8uMuAJO_M2pxb1Q9zNjWeS6o: 'openid',
    oUpF8u: 'openid',
    'M261123-A': 'order',
    88: 'amount',
    '¥1,280.50': 'amount',
    '商品：88': 'product',
    咨询: null,
    昨晚: null,
    '11-29': null,
  };
  for (const [text, kind] of Object.entries(read)) assert.equal(detect(clean(text)), kind, text);
  assert.equal(isNumber('M261123-A'), true);
  assert.equal(isNumber('13812345678'), false);
  assert.equal(clean('\u200B１３８\u3000'), '138');
});

test('what is typed about a scenario is sent in the units of the server, or not at all', () => {
  const takes = ['totalFen', 'notifyFen', 'anomalyShare', 'count'];
  const limits = { totalFen: { min: 1, max: 10000 }, count: { min: 1, max: 500 } };
  const choices = { totalFen: '88', notifyFen: '', anomalyShare: '5', count: '20' };
  const sent = { options: { totalFen: 8800, anomalyShare: 0.05, count: 20 }, wrong: null };
  assert.deepEqual(optionsOf({ takes }, choices, limits), sent);
  const wrong = (change) => optionsOf({ takes }, { ...choices, ...change }, limits).wrong;
  assert.equal(wrong({ totalFen: '100.01' }), 'totalFen');
  assert.equal(wrong({ totalFen: '0.005' }), 'totalFen');
  assert.equal(wrong({ count: '501' }), 'count');
  assert.equal(wrong({ count: '1.5' }), 'count');
  assert.equal(wrong({ notifyFen: '88.00' }), 'notifyFen'); // no other amount is no mismatch
});

test('a window of a long list shows its rows with some to spare, and never more than 110', () => {
  const tops = placeRows(Array(2000).fill({}), () => 40);
  assert.equal(tops.at(-1), 80_000);
  assert.deepEqual(windowOf(tops, 0, 400), [0, 21]);
  assert.deepEqual(windowOf(tops, 4000, 4400), [90, 121]);
  assert.deepEqual(windowOf(tops, 79_900, 80_300), [1987, 2000]);
  const [first, end] = windowOf(tops, 0, 80_000);
  assert.equal(end - first, 110);
  assert.deepEqual(
    windowOf(
      placeRows([], () => 40),
      0,
      400,
    ),
    [0, 0],
  );
});

test('rows of different heights lie below one another', () => {
  assert.deepEqual(
    placeRows([{ h: 40 }, { h: 64 }, { h: 40 }], ({ h }) => h),
    [0, 40, 104, 144],
  );
});

test('the scale of the chart and half of it are round', () => {
  const shown = { 0: 10, 10: 10, 11: 20, 21: 40, 41: 80, 81: 100, 101: 200, 1001: 2000 };
  for (const [value, max] of Object.entries(shown)) assert.equal(niceMax(Number(value)), max, value);
});

test('the lowest rate is told only below the goal, and not of the minute that still runs', () => {
  const minute = (paidCount, failedCount, at) => ({ paidCount, failedCount, at });
  assert.equal(lowest([minute(95, 5, 'a'), minute(0, 0, 'b'), minute(0, 9, 'c')]), null);
  const found = lowest([minute(9, 1, 'a'), minute(8, 2, 'b'), minute(0, 9, 'c')]);
  assert.deepEqual(found, { i: 1, rate: 0.8, at: 'b' });
});

test('the sums of the chart are those of its minutes, and a minute without figures counts nothing', () => {
  const minutes = [{ paidCount: 2, paidFen: 300, at: 'a' }, { at: 'b' }, { paidCount: 3, failedCount: 1, at: 'c' }];
  assert.deepEqual(totals(minutes), { paid: 5, failed: 1, paidFen: 300, busiest: minutes[2] });
  const { value, failed, slot } = bars(minutes, 'amount', { left: 0, width: 90, top: 0, height: 10 });
  assert.deepEqual(
    minutes.map((minute) => [value(minute), failed(minute)]),
    [
      [300, 0],
      [0, 0],
      [0, 0],
    ],
  );
  assert.equal(slot, 30);
  assert.equal(
    steps(
      [1, 2],
      (i) => i * 10,
      (v) => v,
    ),
    'M0.0 1.0H10.0L10.0 2.0H20.0',
  );
});

test('the reason of a refund is kept in Chinese whatever the clerk reads, and what was chosen is read again', () => {
  assert.equal(writeReason({ reason: 'twice', note: ' card and wallet ' }), '重复付款：card and wallet');
  assert.equal(writeReason({ reason: 'amount', note: '' }), '金额有误');
  assert.equal(writeReason({ reason: 'other', note: ' 缺货 ' }), '缺货');
  const read = {
    '重复付款：card and wallet': { code: 'twice', note: 'card and wallet' },
    金额有误: { code: 'amount', note: '' },
    'Customer cancelled: 电话': { code: 'cancelled', note: '电话' },
    'Not provided': { code: 'unserved', note: '' },
    '订单已关闭,退回付款': { code: 'late', note: '' },
    缺货: { code: null, note: '缺货' },
    金额有误差: { code: null, note: '金额有误差' },
  };
  for (const [text, parts] of Object.entries(read)) assert.deepEqual(readReason(text), parts, text);
});
