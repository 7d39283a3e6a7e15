// The order search.
export default {
  'orders.place': 'Order no., phone, product, amount, or “88 last night 8pm”', 'orders.submit': 'Search', 'orders.clear': 'Clear', 'orders.and': ', ', 'orders.or': ' or ',
  'orders.hint': 'Order no., WeChat transaction ID (28 digits), openid, phone, product, customer, amount and time. At least 3 characters; the type is detected.',
  'orders.limit': 'Limit to:', 'orders.limit.phone': 'phone', 'orders.limit.order': 'order', 'orders.limit.product': 'product', 'orders.limit.colon': ': ',
  'orders.as': '', 'orders.as.order': 'Order no.', 'orders.as.transaction': 'WeChat ID', 'orders.as.openid': 'openid', 'orders.as.phone': 'Phone', 'orders.as.phone_prefix': 'Phone prefix',
  'orders.as.phone_tail': 'Last four of phone', 'orders.as.product': 'Product', 'orders.as.customer': 'Customer', 'orders.as.text': 'Product or customer', 'orders.as.amount': 'Amount', 'orders.as.time': 'Time',
  'orders.read.exact': 'A complete number: this one order.', 'orders.read.exact.filtered': 'A complete number: this one order, whatever the filters below.', 'orders.read.amount': 'Due {money}', 'orders.read.time': 'created {span}', 'orders.read.near': 'nearest to {time} first',
  'orders.read.partly': 'names that only contain it: since {time}', 'orders.read.join': ', ',
  'orders.filters': 'Filters', 'orders.created': 'Created', 'orders.status': 'Payment', 'orders.service': 'Service', 'orders.amount': 'Amount', 'orders.merchant': 'Merchant', 'orders.alerts': 'With alerts', 'orders.show': 'Show results',
  'orders.created.today': 'Today', 'orders.created.7d': 'Last 7 days', 'orders.created.30d': 'Last 30 days', 'orders.created.all': 'All time', 'orders.from': 'From', 'orders.to': 'To', 'orders.any': 'Any',
  'orders.least': 'From (CNY)', 'orders.most': 'To (CNY)', 'orders.amount.wrong': 'An amount with at most two decimals.',
  'orders.columns': 'Columns', 'orders.columns.why': 'Kept in this browser. WeChat ID and Paid by show on wide screens.', 'orders.col.num': 'Order no.', 'orders.col.created': 'Created', 'orders.col.title': 'Product', 'orders.col.customer': 'Customer', 'orders.col.phone': 'Phone',
  'orders.col.due': 'Due', 'orders.col.paid': 'Paid', 'orders.col.pay': 'Payment', 'orders.col.svc': 'Service', 'orders.col.wx': 'WeChat ID', 'orders.col.trade': 'Paid by',
  'orders.export': 'Export CSV', 'orders.export.wait': 'Preparing…', 'orders.export.some': '{kb} KB so far…', 'orders.export.done': '{n} orders exported', 'orders.export.cut': 'Only the first {count} orders; there are more. Narrow the filters and export again.', 'orders.export.failed': 'Not exported: {why}',
  'orders.range': 'Rows {a}–{b}, more follow', 'orders.range.short': 'Rows {a}–{b}, earlier ones not searched yet', 'orders.range.end': 'Rows {a}–{b}, no more', 'orders.took': '{ms} ms', 'orders.rows': 'Rows',
  'orders.none': 'No match for “{q}”', 'orders.none.here': 'No orders match', 'orders.none.why': 'Check that the number is complete, or loosen the filters.', 'orders.none.time': 'Try another time or amount; the time is when the order was created, in China.', 'orders.none.all': 'Search all time', 'orders.none.do': 'Clear the search',
  'orders.none.yet': 'None among the newest 50,000; earlier ones are not searched yet.', 'orders.earlier': 'Search further back', 'orders.empty': 'No orders yet', 'orders.empty.why': 'They appear here once made.', 'orders.results': 'Orders', 'orders.found': ['{n} order found', '{n} orders found'],
};
