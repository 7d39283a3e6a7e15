// The results of the set-up's checks, by their codes, in English. Keys as in zh/checks.js.
export default {
  'check.settings_read': 'All settings can be read.',
  'check.setting_wrong': '{problem}',
  'check.setting_unused': '{setting} is set, and nothing reads it.',
  'check.settings_first': 'The other checks need the settings: correct them first.',
  'check.code_readable': '{reader} can read the code.',
  'check.code_unreadable': '{reader} cannot read the code: {path}{more}. As root: chmod -R a+rX {places}',
  'check.code_closed': '{reader} cannot enter {path}: keep the code and its Python where everybody may read.',
  'check.code_readable_by_others': 'A user other than root can read the code.',
  'check.code_unreadable_by_others':
    'A user other than root cannot read the code: {path}{more}. As root: chmod -R a+rX {places}',
  'check.code_closed_to_others':
    'A user other than root cannot enter {path}: keep the code and its Python where everybody may read.',
  'check.database_reached': '{kind} is reached.',
  'check.database_failed': 'The database is not reached: {problem}',
  'check.database_safe': 'Committed data stays, and nobody else can read it.',
  'check.file_open_to_others': 'Other users than the owner can read the file: chmod 600 {files}',
  'check.no_write_ahead_log': 'The file takes no write-ahead log: put it on a local disk.',
  'check.not_synchronous': 'synchronous is not full: a power cut could lose payments.',
  'check.safety_switched_off': '{setting} is off: a crash could lose payments. Set it to on.',
  'check.standby_server': 'The server is a standby: use the address of the primary.',
  'check.read_only_transactions': 'Transactions are read only by default: set default_transaction_read_only off.',
  'check.not_utf8': "The database is not in UTF8: create it with ENCODING 'UTF8'.",
  'check.commits_not_flushed': 'innodb_flush_log_at_trx_commit is not 1: a crash could lose payments.',
  'check.binlog_not_synced': 'log_bin is on and sync_binlog is not 1: a crash could lose payments.',
  'check.sql_not_strict': 'sql_mode is not strict and would cut values off: add STRICT_TRANS_TABLES.',
  'check.read_only_server': 'The server is read only: use the address of the primary.',
  'check.not_utf8mb4': 'The database is not utf8mb4: create it with CHARACTER SET utf8mb4.',
  'check.migrations_done': 'All migrations are done.',
  'check.migrations_missing': '{count} missing: run paywatch migrate.',
  'check.write_taken': 'The database takes a write.',
  'check.write_refused': 'The database takes no write: {problem}',
  'check.admins_there': ['{count} administrator.', '{count} administrators.'],
  'check.admins_missing': 'There is no administrator: paywatch create-user NAME --role admin makes one.',
  'check.api_keys_there': ['{count} valid API key.', '{count} valid API keys.'],
  'check.api_keys_missing': 'There is no valid API key: paywatch create-api-key NAME makes one.',
  'check.products_there': ['{count} active product.', '{count} active products.'],
  'check.products_missing': 'There is no active product: paywatch add-product ID TITLE PRICE_FEN makes one.',
  'check.backup_possible': 'paywatch backup can copy the database.',
  'check.backup_forbidden':
    'paywatch backup may not read {table}{more}: GRANT SELECT ON ALL TABLES and ON ALL SEQUENCES to the role of ' +
    'PAYWATCH_DATABASE_URL.',
  'check.backup_tool_missing': "paywatch backup needs {tools}: install the database's client programs.",
  'check.redis_unused': 'Redis is not used; the lock stays in the process.',
  'check.redis_answers': 'Redis answers.',
  'check.redis_silent': 'No answer at PAYWATCH_REDIS_URL ({problem}). Payments would go on without it.',
  'check.redis_without_password': 'Redis answers without a password, and not only to this machine: give it one.',
  'check.domain_answers': '{domain} answers.',
  'check.domain_silent':
    "WeChat's main domain {domain} is not reached ({problem}): look at the line, DNS and the firewall.",
  'check.backup_domain_silent':
    "WeChat's second domain {domain} is not reached ({problem}): let the firewall through to it, for an outage.",
  'check.clock_right': "The clock agrees with WeChat's to the minute.",
  'check.clock_wrong': "The clock is {seconds} s away from WeChat's; let the machine keep time (NTP).",
  'check.clock_not_compared': "WeChat's address is not reached, so there is no time to compare with: {problem}",
  'check.clock_not_told': "WeChat's address answers without a readable Date.",
  'check.clock_not_databases':
    "The clock is {seconds} s away from the database server's; let both machines keep time (NTP).",
  'check.clock_behind_events':
    'The newest event is {seconds} s later than this clock: it was ahead then, or is behind now.',
  'check.accounts_file_closed': 'No other user can read the merchants file.',
  'check.accounts_file_open': 'Every user of this machine can read {file}, which names keys: chmod o= {file}',
  'check.key_files_closed': 'Nobody else may read the {count} files of keys.',
  'check.key_files_open': 'Everybody on this machine may read these files of keys: chmod o= {files}',
  'check.second_factor_there': 'Every administrator has a second factor.',
  'check.second_factor_missing':
    '{count} administrators sign in with a password alone: let them set up a second factor (/me).',
  'check.proxy_not_trusted':
    "A proxy serves {origin}, and PAYWATCH_TRUSTED_PROXIES is empty: set it to the proxy's network.",
  'check.h5_address_private':
    'WeChat was told {address} as the address of an H5 buyer and refuses that: name every proxy.',
  'check.redis_unverified': 'PAYWATCH_REDIS_URL trusts any certificate: remove ssl_cert_reqs and its like.',
  'check.channels_unverified': 'These addresses of PAYWATCH_NOTIFY_URLS trust any certificate (verify=no): {places}.',
  'check.channels_ready': '{count} channels; the settings page can send a test.',
  'check.channels_not_installed': "No alert can leave: pip install 'paywatch[notify]', for PAYWATCH_NOTIFY_URLS.",
  'check.channels_not_understood': 'apprise does not understand these addresses of PAYWATCH_NOTIFY_URLS: {places}.',
  'check.notify_leads_here': '{url} leads here.',
  'check.notify_with_query': 'WeChat takes no address with a query: {url}',
  'check.notify_bad_certificate': 'WeChat would not accept the certificate at {url}: {problem}',
  'check.notify_not_reached':
    '{url} is not reached from here: {problem}. Only a test from another network can tell whether WeChat reaches it.',
  'check.notify_body_changed': '{url} leads here, but something on the way changes the body: let it pass as it is.',
  'check.notify_headers_lost':
    '{url} leads here, but something on the way drops {headers}: let the Wechatpay- headers pass.',
  'check.notify_probe_lost':
    'Paywatch answers at {url}, but nothing of the check came through: a gateway, or another installation.',
  'check.notify_busy': '{url} leads here, but Paywatch takes no notify now: read its log.',
  'check.notify_redirects': '{url} redirects ({status}), and WeChat follows no redirect.',
  'check.notify_proxy_alone': '{url} leads to a proxy that does not reach Paywatch ({status}): does it serve?',
  'check.notify_elsewhere': 'Another server answers at {url} ({status}): let the proxy pass it to Paywatch.',
  'check.notify_not_https': 'The address leads here, but WeChat calls https only: set PAYWATCH_PUBLIC_ORIGIN.',
  'check.echo_heard': '{account}: WeChat reaches {url}, and what it sends there is proven and opened.',
  'check.echo_not_heard': "{account}: WeChat's test notify to {url} was not taken within ten seconds.",
  'check.echo_refused':
    "{account}: WeChat's echo was not to be had ({problem}); whether it reaches {url} is not tried.",
  'check.complaint_address_set': '{account}: WeChat had no address for complaints; it is {url} now.',
  'check.complaint_address_right': '{account}: WeChat tells of complaints at {url}.',
  'check.complaint_address_other':
    '{account}: WeChat tells of complaints at {there}, another system; here they are found within some ten minutes.',
  'check.complaint_address_unknown':
    '{account}: where WeChat tells of complaints is not known ({problem}); should be {url}.',
  'check.complaint_address_not_https':
    '{account}: WeChat tells of complaints at https only, and {url} is not; they are found within some ten minutes.',
  'check.play_money':
    'PAYWATCH_WECHAT_BASE_URL is an address of this machine, so no payment is real, and PAYWATCH_MODE is ' +
    'production: unset the one, or set the other to simulation.',
  'check.own_certificate_holds': "The merchant's own certificate of {account} holds until {until}.",
  'check.own_certificate_ends': [
    "The merchant's own certificate of {account} expires in {days} day ({until}): replace it.",
    "The merchant's own certificate of {account} expires in {days} days ({until}): replace it.",
  ],
  'check.own_certificate_expired': "The merchant's own certificate of {account} has expired ({until}).",
  'check.wechat_certificate_holds': "WeChat's newest platform certificate for {account} holds until {until}.",
  'check.wechat_certificate_ends':
    "WeChat's newest platform certificate for {account} expires in {days} days ({until}).",
  'check.wechat_certificate_expired': "WeChat's newest platform certificate for {account} has expired ({until}).",
  'check.wechat_public_key_used': "{account} uses WeChat's public key {keys}.",
  'check.wechat_key_not_there':
    "{account} has no public key of WeChat's and gets no platform certificate ({problem}). Set " +
    'PAYWATCH_WECHAT_PUBLIC_KEY and its id.',
  'check.keys_taken': '{account} on API {api}: WeChat accepts our keys, and we accept its keys.',
  'check.keys_refused': '{account} on API {api}: WeChat refuses ({problem}).',
  'check.keys_unproven': "{account} on API {api}: WeChat's answer is unsigned or wrongly signed.",
  'check.keys_unproven_v2':
    "{account} on API {api}: WeChat's answer is unsigned or wrongly signed. Compare the API v2 key with the one on " +
    'the merchant platform.',
  'check.keys_unknown_serial':
    '{account} on API {api}: WeChat signs with a key that is not set: PAYWATCH_WECHAT_PUBLIC_KEY_ID is another.',
  'check.keys_answer_unusable': "{account} on API {api}: WeChat's answer cannot be used ({problem}).",
  'check.keys_not_tried': '{account} on API {api}: WeChat is not reached, so the keys are not tried ({problem}).',
  'check.refund_notifies_unreadable':
    "{account} has no API v2 key, so the notifies of refunds made on WeChat's merchant platform cannot be read, nor " +
    'can WeChat list such refunds; one of a part, beside a refund of ours, is not seen at all. ' +
    'Set PAYWATCH_WECHAT_API_V2_KEY.',
  'check.odd_order_known': '{account} on API {api}: WeChat knows an order that was never made.',
  'chk.code': 'Code',
  'chk.domain': "WeChat's domains",
  'chk.backup': 'Backup',
  'chk.channels': 'Alert channels',
  'chk.others': 'Other checks',
};
