"""The results of checks: a code with its values, and the one English sentence of each, which the
command line prints. The console makes its own words from code and values."""

from __future__ import annotations

from enum import StrEnum

from payments.cause_sentences import fill, sentence
from payments.causes import Cause, CauseValues


class CheckCode(StrEnum):
    """A closed list: a code keeps its meaning for good."""

    SETTINGS_READ = "settings_read"
    SETTING_WRONG = "setting_wrong"
    SETTING_UNUSED = "setting_unused"
    SETTINGS_FIRST = "settings_first"
    CODE_READABLE = "code_readable"
    CODE_UNREADABLE = "code_unreadable"
    CODE_CLOSED = "code_closed"
    CODE_READABLE_BY_OTHERS = "code_readable_by_others"
    CODE_UNREADABLE_BY_OTHERS = "code_unreadable_by_others"
    CODE_CLOSED_TO_OTHERS = "code_closed_to_others"
    DATABASE_REACHED = "database_reached"
    DATABASE_FAILED = "database_failed"
    DATABASE_SAFE = "database_safe"
    FILE_OPEN_TO_OTHERS = "file_open_to_others"
    NO_WRITE_AHEAD_LOG = "no_write_ahead_log"
    NOT_SYNCHRONOUS = "not_synchronous"
    SAFETY_SWITCHED_OFF = "safety_switched_off"
    STANDBY_SERVER = "standby_server"
    READ_ONLY_TRANSACTIONS = "read_only_transactions"
    NOT_UTF8 = "not_utf8"
    COMMITS_NOT_FLUSHED = "commits_not_flushed"
    BINLOG_NOT_SYNCED = "binlog_not_synced"
    SQL_NOT_STRICT = "sql_not_strict"
    READ_ONLY_SERVER = "read_only_server"
    NOT_UTF8MB4 = "not_utf8mb4"
    MIGRATIONS_DONE = "migrations_done"
    MIGRATIONS_MISSING = "migrations_missing"
    WRITE_TAKEN = "write_taken"
    WRITE_REFUSED = "write_refused"
    ADMINS_THERE = "admins_there"
    ADMINS_MISSING = "admins_missing"
    API_KEYS_THERE = "api_keys_there"
    API_KEYS_MISSING = "api_keys_missing"
    PRODUCTS_THERE = "products_there"
    PRODUCTS_MISSING = "products_missing"
    BACKUP_POSSIBLE = "backup_possible"
    BACKUP_FORBIDDEN = "backup_forbidden"
    BACKUP_TOOL_MISSING = "backup_tool_missing"
    REDIS_UNUSED = "redis_unused"
    REDIS_ANSWERS = "redis_answers"
    REDIS_SILENT = "redis_silent"
    REDIS_WITHOUT_PASSWORD = "redis_without_password"  # noqa: S105 - a code
    DOMAIN_ANSWERS = "domain_answers"
    DOMAIN_SILENT = "domain_silent"
    BACKUP_DOMAIN_SILENT = "backup_domain_silent"
    CLOCK_RIGHT = "clock_right"
    CLOCK_WRONG = "clock_wrong"
    CLOCK_NOT_COMPARED = "clock_not_compared"
    CLOCK_NOT_TOLD = "clock_not_told"
    CLOCK_NOT_DATABASES = "clock_not_databases"
    CLOCK_BEHIND_EVENTS = "clock_behind_events"
    ACCOUNTS_FILE_CLOSED = "accounts_file_closed"
    ACCOUNTS_FILE_OPEN = "accounts_file_open"
    KEY_FILES_CLOSED = "key_files_closed"
    KEY_FILES_OPEN = "key_files_open"
    SECOND_FACTOR_THERE = "second_factor_there"
    SECOND_FACTOR_MISSING = "second_factor_missing"
    PROXY_NOT_TRUSTED = "proxy_not_trusted"
    H5_ADDRESS_PRIVATE = "h5_address_private"
    REDIS_UNVERIFIED = "redis_unverified"
    CHANNELS_UNVERIFIED = "channels_unverified"
    CHANNELS_READY = "channels_ready"
    CHANNELS_NOT_INSTALLED = "channels_not_installed"
    CHANNELS_NOT_UNDERSTOOD = "channels_not_understood"
    NOTIFY_LEADS_HERE = "notify_leads_here"
    NOTIFY_WITH_QUERY = "notify_with_query"
    NOTIFY_BAD_CERTIFICATE = "notify_bad_certificate"
    NOTIFY_NOT_REACHED = "notify_not_reached"
    NOTIFY_BODY_CHANGED = "notify_body_changed"
    NOTIFY_HEADERS_LOST = "notify_headers_lost"
    NOTIFY_PROBE_LOST = "notify_probe_lost"
    NOTIFY_BUSY = "notify_busy"
    NOTIFY_REDIRECTS = "notify_redirects"
    NOTIFY_PROXY_ALONE = "notify_proxy_alone"
    NOTIFY_ELSEWHERE = "notify_elsewhere"
    NOTIFY_NOT_HTTPS = "notify_not_https"
    ECHO_HEARD = "echo_heard"
    ECHO_NOT_HEARD = "echo_not_heard"
    ECHO_REFUSED = "echo_refused"
    COMPLAINT_ADDRESS_SET = "complaint_address_set"
    COMPLAINT_ADDRESS_RIGHT = "complaint_address_right"
    COMPLAINT_ADDRESS_OTHER = "complaint_address_other"
    COMPLAINT_ADDRESS_UNKNOWN = "complaint_address_unknown"
    COMPLAINT_ADDRESS_NOT_HTTPS = "complaint_address_not_https"
    PLAY_MONEY = "play_money"
    OWN_CERTIFICATE_HOLDS = "own_certificate_holds"
    OWN_CERTIFICATE_ENDS = "own_certificate_ends"
    OWN_CERTIFICATE_EXPIRED = "own_certificate_expired"
    WECHAT_CERTIFICATE_HOLDS = "wechat_certificate_holds"
    WECHAT_CERTIFICATE_ENDS = "wechat_certificate_ends"
    WECHAT_CERTIFICATE_EXPIRED = "wechat_certificate_expired"
    WECHAT_PUBLIC_KEY_USED = "wechat_public_key_used"
    WECHAT_KEY_NOT_THERE = "wechat_key_not_there"
    KEYS_TAKEN = "keys_taken"
    KEYS_REFUSED = "keys_refused"
    KEYS_UNPROVEN = "keys_unproven"
    KEYS_UNPROVEN_V2 = "keys_unproven_v2"
    KEYS_UNKNOWN_SERIAL = "keys_unknown_serial"
    KEYS_ANSWER_UNUSABLE = "keys_answer_unusable"
    KEYS_NOT_TRIED = "keys_not_tried"
    ODD_ORDER_KNOWN = "odd_order_known"
    REFUND_NOTIFIES_UNREADABLE = "refund_notifies_unreadable"


SENTENCES: dict[CheckCode, str] = {
    CheckCode.SETTINGS_READ: "All can be read.",
    CheckCode.SETTING_WRONG: "{problem}",
    CheckCode.SETTING_UNUSED: "{setting} is set, and nothing reads it.",
    CheckCode.SETTINGS_FIRST: "What else needs the settings is looked at when they are right.",
    CheckCode.CODE_READABLE: "It can be read by {reader}.",
    CheckCode.CODE_UNREADABLE: (
        "The code cannot be read by {reader}: {path}{more}. As root: chmod -R a+rX {places}"
    ),
    CheckCode.CODE_CLOSED: (
        "{path} cannot be entered by {reader}: the code and its Python belong where everybody may "
        "read."
    ),
    CheckCode.CODE_READABLE_BY_OTHERS: "It can be read by a user other than root.",
    CheckCode.CODE_UNREADABLE_BY_OTHERS: (
        "The code cannot be read by a user other than root: {path}{more}. "
        "As root: chmod -R a+rX {places}"
    ),
    CheckCode.CODE_CLOSED_TO_OTHERS: (
        "{path} cannot be entered by a user other than root: the code and its Python belong where "
        "everybody may read."
    ),
    CheckCode.DATABASE_REACHED: "{kind} is reached.",
    CheckCode.DATABASE_FAILED: "{problem}",
    CheckCode.DATABASE_SAFE: "What is committed stays, and nobody else reads it.",
    CheckCode.FILE_OPEN_TO_OTHERS: "Others than the owner may read it: chmod 600 {files}",
    CheckCode.NO_WRITE_AHEAD_LOG: "The file takes no write-ahead log: put it on a local disk.",
    CheckCode.NOT_SYNCHRONOUS: "synchronous is not full, so a power cut could lose payments.",
    CheckCode.SAFETY_SWITCHED_OFF: (
        "{setting} is off, so a crash could lose payments: set it to on."
    ),
    CheckCode.STANDBY_SERVER: "The server is a standby: use the address of the primary.",
    CheckCode.READ_ONLY_TRANSACTIONS: (
        "Transactions are read only by default: set default_transaction_read_only off."
    ),
    CheckCode.NOT_UTF8: "The database is not in UTF8: create it with ENCODING 'UTF8'.",
    CheckCode.COMMITS_NOT_FLUSHED: (
        "innodb_flush_log_at_trx_commit is not 1, so a crash could lose payments."
    ),
    CheckCode.BINLOG_NOT_SYNCED: (
        "log_bin is on and sync_binlog is not 1, so a crash could lose payments."
    ),
    CheckCode.SQL_NOT_STRICT: (
        "sql_mode is not strict, so it would cut values off: add STRICT_TRANS_TABLES."
    ),
    CheckCode.READ_ONLY_SERVER: "The server is read only: use the address of the primary.",
    CheckCode.NOT_UTF8MB4: ("The database is not utf8mb4: create it with CHARACTER SET utf8mb4."),
    CheckCode.MIGRATIONS_DONE: "All are done.",
    CheckCode.MIGRATIONS_MISSING: "{count} missing: run `paywatch migrate`.",
    CheckCode.WRITE_TAKEN: "A write is taken.",
    CheckCode.WRITE_REFUSED: "No write is taken: {problem}",
    CheckCode.ADMINS_THERE: "{count} active.",
    CheckCode.ADMINS_MISSING: (
        "There is no administrator: `paywatch create-user NAME --role admin` makes one."
    ),
    CheckCode.API_KEYS_THERE: "{count} valid.",
    CheckCode.API_KEYS_MISSING: (
        "There is no valid API key: `paywatch create-api-key NAME` makes one."
    ),
    CheckCode.PRODUCTS_THERE: "{count} active.",
    CheckCode.PRODUCTS_MISSING: (
        "There is no active product: `paywatch add-product ID TITLE PRICE_FEN` makes one."
    ),
    CheckCode.BACKUP_POSSIBLE: "It can be made.",
    CheckCode.BACKUP_FORBIDDEN: (
        "`paywatch backup` may not read {table}{more}: GRANT SELECT ON ALL TABLES and ON ALL "
        "SEQUENCES to the role of PAYWATCH_DATABASE_URL."
    ),
    CheckCode.BACKUP_TOOL_MISSING: (
        "`paywatch backup` needs {tools}: install the database's client programs."
    ),
    CheckCode.REDIS_UNUSED: "Not used; the lock stays in the process.",
    CheckCode.REDIS_ANSWERS: "It answers.",
    CheckCode.REDIS_SILENT: (
        "No answer at PAYWATCH_REDIS_URL: {problem} Payments would go on without it."
    ),
    CheckCode.REDIS_WITHOUT_PASSWORD: (
        "It answers without a password, and not only to this machine: give it one."
    ),
    CheckCode.DOMAIN_ANSWERS: "{domain} answers.",
    CheckCode.DOMAIN_SILENT: (
        "WeChat's main domain {domain} is not reached: {problem}. Look at the line, DNS and the "
        "firewall; without it calls go to the second domain, where WeChat offers one."
    ),
    CheckCode.BACKUP_DOMAIN_SILENT: (
        "WeChat's second domain {domain} is not reached: {problem}. Let the firewall through to "
        "it, or an outage of the main domain stops all payments."
    ),
    CheckCode.CLOCK_RIGHT: "It agrees with WeChat's to the minute.",
    CheckCode.CLOCK_WRONG: (
        "It is {seconds} s away from WeChat's; let the machine keep time (NTP)."
    ),
    CheckCode.CLOCK_NOT_COMPARED: (
        "WeChat's address is not reached, so there is nothing to compare with: {problem}."
    ),
    CheckCode.CLOCK_NOT_TOLD: "WeChat's address answers without a readable Date.",
    CheckCode.CLOCK_NOT_DATABASES: (
        "It is {seconds} s away from the database server's; let both machines keep time (NTP)."
    ),
    CheckCode.CLOCK_BEHIND_EVENTS: (
        "The newest event is {seconds} s later than this clock: the clock was ahead when it was "
        "written, or is behind now."
    ),
    CheckCode.ACCOUNTS_FILE_CLOSED: "Nobody else may read the file of the accounts.",
    CheckCode.ACCOUNTS_FILE_OPEN: (
        "Everybody on this machine may read {file}, which names keys: chmod o= {file}"
    ),
    CheckCode.KEY_FILES_CLOSED: "Nobody else may read the {count} files of keys.",
    CheckCode.KEY_FILES_OPEN: (
        "Everybody on this machine may read these files of keys: chmod o= {files}"
    ),
    CheckCode.SECOND_FACTOR_THERE: "Every administrator has one.",
    CheckCode.SECOND_FACTOR_MISSING: (
        "{count} administrators sign in with a password alone: let them set up a second factor "
        "(/me), and set PAYWATCH_REQUIRE_TOTP to admin."
    ),
    CheckCode.PROXY_NOT_TRUSTED: (
        "A proxy serves {origin}, and PAYWATCH_TRUSTED_PROXIES is empty: every caller counts as "
        "the proxy, and H5 payments are told its address. Set it to the proxy's network."
    ),
    CheckCode.H5_ADDRESS_PRIVATE: (
        "WeChat was told {address} as the buyer's address of an H5 payment, and refuses such a "
        "payment: name every proxy in PAYWATCH_TRUSTED_PROXIES, and let each of them add "
        "X-Forwarded-For."
    ),
    CheckCode.REDIS_UNVERIFIED: (
        "PAYWATCH_REDIS_URL trusts any certificate: remove ssl_cert_reqs and its like."
    ),
    CheckCode.CHANNELS_UNVERIFIED: (
        "These addresses of PAYWATCH_NOTIFY_URLS trust any certificate (verify=no), so anybody "
        "on the line reads their keys: {places}."
    ),
    CheckCode.CHANNELS_READY: "{count} channels; the settings page can send a test.",
    CheckCode.CHANNELS_NOT_INSTALLED: (
        "No alert can leave: pip install 'paywatch[notify]', for PAYWATCH_NOTIFY_URLS."
    ),
    CheckCode.CHANNELS_NOT_UNDERSTOOD: (
        "apprise does not understand these addresses of PAYWATCH_NOTIFY_URLS: {places}."
    ),
    CheckCode.NOTIFY_LEADS_HERE: "{url} leads here.",
    CheckCode.NOTIFY_WITH_QUERY: "WeChat takes no address with a query: {url}",
    CheckCode.NOTIFY_BAD_CERTIFICATE: (
        "The certificate at {url} would not satisfy WeChat: {problem}."
    ),
    CheckCode.NOTIFY_NOT_REACHED: (
        "{url} is not reached from here: {problem}. Whether WeChat reaches it, only the outside "
        "can tell: try it from another network, while Paywatch serves."
    ),
    CheckCode.NOTIFY_BODY_CHANGED: (
        "{url} leads here, but something on the way changes the body, so no signature holds: let "
        "gateway, CDN or WAF pass it on as it is."
    ),
    CheckCode.NOTIFY_HEADERS_LOST: (
        "{url} leads here, but something on the way drops or changes {headers}, so no notify of "
        "API v3 can be proven: let gateway, CDN or WAF pass the Wechatpay- headers on."
    ),
    CheckCode.NOTIFY_PROBE_LOST: (
        "Paywatch answers at {url}, but neither body nor headers of the check came through: a "
        "gateway drops both, or another installation serves there."
    ),
    CheckCode.NOTIFY_BUSY: "{url} leads here, but Paywatch takes no notify now: see its log.",
    CheckCode.NOTIFY_REDIRECTS: "{url} redirects ({status}), and WeChat follows no redirect.",
    CheckCode.NOTIFY_PROXY_ALONE: (
        "{url} leads to a proxy that does not reach Paywatch ({status}): does it serve?"
    ),
    CheckCode.NOTIFY_ELSEWHERE: (
        "{url} is answered by something else ({status}): let the proxy pass it to Paywatch."
    ),
    CheckCode.NOTIFY_NOT_HTTPS: (
        "It leads here, but WeChat calls https only: set PAYWATCH_PUBLIC_ORIGIN."
    ),
    CheckCode.ECHO_HEARD: (
        "{account}: WeChat reaches {url}, and what it sends there is proven and opened."
    ),
    CheckCode.ECHO_NOT_HEARD: (
        "{account}: WeChat took the echo, and its notify to {url} was not taken within ten "
        "seconds: does Paywatch serve, does the internet reach the address, does a gateway keep "
        "the Wechatpay- headers, is the API v3 key right?"
    ),
    CheckCode.ECHO_REFUSED: (
        "{account}: WeChat's echo was not to be had ({problem}), so whether WeChat reaches {url} "
        "is not tried."
    ),
    CheckCode.COMPLAINT_ADDRESS_SET: (
        "{account}: WeChat had no address for complaints; it is {url} now."
    ),
    CheckCode.COMPLAINT_ADDRESS_RIGHT: "{account}: WeChat tells of complaints at {url}.",
    CheckCode.COMPLAINT_ADDRESS_OTHER: (
        "{account}: WeChat tells of complaints at {there}, not at {url}. Another system has them; "
        "here they are found by asking, within some ten minutes. To have them here, delete that "
        "address with the API of that system and run this again."
    ),
    CheckCode.COMPLAINT_ADDRESS_UNKNOWN: (
        "{account}: where WeChat tells of complaints is not known ({problem}); should be {url}."
    ),
    CheckCode.COMPLAINT_ADDRESS_NOT_HTTPS: (
        "{account}: WeChat tells of complaints at https addresses only, and {url} is none; they "
        "are found by asking, within some ten minutes."
    ),
    CheckCode.PLAY_MONEY: (
        "PAYWATCH_WECHAT_BASE_URL is an address of this machine, so no payment is real, and "
        "PAYWATCH_MODE is production: unset the one, or set the other to simulation."
    ),
    CheckCode.OWN_CERTIFICATE_HOLDS: (
        "The merchant's own certificate of {account} holds until {until}."
    ),
    CheckCode.OWN_CERTIFICATE_ENDS: (
        "The merchant's own certificate of {account} expires in {days} days ({until}): replace it."
    ),
    CheckCode.OWN_CERTIFICATE_EXPIRED: (
        "The merchant's own certificate of {account} has expired ({until})."
    ),
    CheckCode.WECHAT_CERTIFICATE_HOLDS: (
        "The newest platform certificate of WeChat's for {account} holds until {until}."
    ),
    CheckCode.WECHAT_CERTIFICATE_ENDS: (
        "The newest platform certificate of WeChat's for {account} expires in {days} days "
        "({until}): replace it."
    ),
    CheckCode.WECHAT_CERTIFICATE_EXPIRED: (
        "The newest platform certificate of WeChat's for {account} has expired ({until})."
    ),
    CheckCode.WECHAT_PUBLIC_KEY_USED: "{account} uses WeChat's public key {keys}.",
    CheckCode.WECHAT_KEY_NOT_THERE: (
        "{account} has no public key of WeChat's, and its platform certificates are not to be had "
        "({problem}). Set PAYWATCH_WECHAT_PUBLIC_KEY and its id."
    ),
    CheckCode.KEYS_TAKEN: "{account} on API {api}: WeChat takes our keys, and we its.",
    CheckCode.KEYS_REFUSED: "{account} on API {api}: WeChat refuses ({problem}).",
    CheckCode.KEYS_UNPROVEN: (
        "{account} on API {api}: WeChat's answer is unsigned or wrongly signed."
    ),
    CheckCode.KEYS_UNPROVEN_V2: (
        "{account} on API {api}: WeChat's answer is unsigned or wrongly signed. Is the API v2 key "
        "the one that the merchant platform has?"
    ),
    CheckCode.KEYS_UNKNOWN_SERIAL: (
        "{account} on API {api}: WeChat's answer is unsigned or wrongly signed. It names a key "
        "that is not set: PAYWATCH_WECHAT_PUBLIC_KEY_ID is another."
    ),
    CheckCode.KEYS_ANSWER_UNUSABLE: (
        "{account} on API {api}: WeChat's answer is of no use ({problem})."
    ),
    CheckCode.KEYS_NOT_TRIED: (
        "{account} on API {api}: WeChat is not reached from here, so the keys are not tried "
        "({problem})."
    ),
    CheckCode.ODD_ORDER_KNOWN: (
        "{account} on API {api}: WeChat knows an order that was never made."
    ),
    CheckCode.REFUND_NOTIFIES_UNREADABLE: (
        "{account} has no API v2 key, so the notifies of refunds that are made on WeChat's "
        "merchant platform cannot be read, nor can WeChat list such refunds: one of a part, beside "
        "a refund of ours, is not seen at all. Set PAYWATCH_WECHAT_API_V2_KEY."
    ),
}
"""The names in braces are the values that the code comes with."""


def check_sentence(code: CheckCode, values: CauseValues) -> str:
    """The sentence of a code, and behind it that of the `cause` among its values. Raises KeyError
    when a value is missing."""
    words = fill(SENTENCES[code], values)
    if "cause" not in values:
        return words
    return f"{words} {sentence(Cause(str(values['cause'])), values)}"
