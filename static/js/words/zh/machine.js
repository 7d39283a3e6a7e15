// 关于服务器本身的告警：时钟、文件、通知地址。键与 en/machine.js 相同。
export default {
  'why.clock_off': '{host} 的时间和微信相差 {seconds} 秒。',
  'lead.clock_off': '服务器 {host} 的时间和微信相差 {seconds} 秒。',
  'rule.clock_off': '签名时间相差超过 300 秒，微信不收我方的请求，我方也不收微信的通知。其间不删除旧数据。',
  'todo.clock_off': '让服务器同步时间（NTP），然后看这条告警是否已结束。',
  'why.clock_off_database': '{host} 的时间和数据库服务器相差 {seconds} 秒。',
  'lead.clock_off_database': '服务器 {host} 的时间和数据库服务器相差 {seconds} 秒。',
  'rule.clock_off_database': '两边有一边不对。其间不删除旧数据。',
  'todo.clock_off_database': '让两边都同步时间（NTP）。',
  'why.clock_went_back': '最新事件比 {host} 的时间晚 {seconds} 秒。',
  'lead.clock_went_back': '最新事件的时间比服务器 {host} 的时间晚 {seconds} 秒。',
  'rule.clock_went_back': '写入时时钟快了，或者现在慢了。那时写下的租约和到期时间不再采信。',
  'todo.clock_went_back': '核对并同步服务器时间（NTP）；有些事件的时间不对。',
  'why.clock_jumped': '{host} 的时间一下跳了 {seconds} 秒。',
  'lead.clock_jumped': '服务器 {host} 的时间一下跳了 {seconds} 秒。',
  'rule.clock_jumped': '与微信核对一致之前，不删除旧数据。',
  'todo.clock_jumped': '确认服务器同步时间（NTP），并且没有被挂起。',
};
