// The words that the live monitor adds. The keys are those of zh/monitor.js.
export default {
  'time.own': 'here {time}',
  'feed.older': 'Older ordinary events have left this list; only issues follow',
  'feed.group': ['{n} in one second', '{n} in one second, as one row'],
  'feed.group.open': 'Open',
  'feed.group.close': 'Fold',
  'feed.paused.select': 'Paused (text selected)',
  'feed.paused.long': ['Paused for {n} minute', 'Paused for {n} minutes'],
  'feed.reload.failed': 'The newest {n} events did not load; they are in the order search.',
  'conn.about': 'about {t}',
  'conn.update': 'Update ready',
  'conn.update.do': 'The server was updated. Refresh to update',
  'conn.refresh': 'Refresh',
};
