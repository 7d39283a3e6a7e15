// 实时监控里新增的中文。键与 en/monitor.js 相同。
export default {
  'time.own': '本机时间 {time}',
  'feed.older': '更早的普通事件已移出这张表，以下只留异常',
  'feed.group': '一秒内 {n} 条，已合并',
  'feed.group.open': '展开',
  'feed.group.close': '收起',
  'feed.paused.select': '已暂停（选中了文字）',
  'feed.paused.long': '已暂停 {n} 分钟',
  'feed.reload.failed': '最近 {n} 条事件没能载入，可在订单查询里查看。',
  'conn.about': '约 {t}',
  'conn.update': '有新版本',
  'conn.update.do': '服务器已升级，刷新以更新',
  'conn.refresh': '刷新',
};
