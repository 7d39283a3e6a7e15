-- A trade bill of API v2 against orders and refunds. Each value begins with a backtick. Of the last
-- line, with the sums, the seven values stand in the first seven columns; the line before it, with
-- their names, has none but the first. Each SELECT counts the differences of the kinds that it names.
CREATE TEMP TABLE lines AS
SELECT
    time, app, mch, partner, device, tx, num, state, refund_num, refund_state,
    settled, back, coupon_back, fee, total, applied, rate
FROM read_csv(
    $bill, auto_detect = false, header = false, skip = 1, delim = ',`', quote = '', escape = '',
    null_padding = true,
    columns = {
        time: 'VARCHAR', app: 'VARCHAR', mch: 'VARCHAR', partner: 'VARCHAR', device: 'VARCHAR',
        tx: 'VARCHAR', num: 'VARCHAR', buyer: 'VARCHAR', trade_type: 'VARCHAR', state: 'VARCHAR',
        bank: 'VARCHAR', currency: 'VARCHAR', settled: 'DECIMAL(18,2)', coupon: 'DECIMAL(18,2)',
        refund_id: 'VARCHAR', refund_num: 'VARCHAR', back: 'DECIMAL(18,2)',
        coupon_back: 'DECIMAL(18,2)', refund_type: 'VARCHAR', refund_state: 'VARCHAR',
        title: 'VARCHAR', attached: 'VARCHAR', fee: 'DECIMAL(18,2)', rate: 'VARCHAR',
        total: 'DECIMAL(18,2)', applied: 'DECIMAL(18,2)', rate_note: 'VARCHAR'
    }
);

CREATE TEMP VIEW ours AS
SELECT * FROM lines WHERE mch = getvariable('account') AND state IS NOT NULL;

CREATE TEMP VIEW payments AS
SELECT tx, CAST(any_value(total) * 100 AS BIGINT) AS fen
FROM ours WHERE state = 'SUCCESS' GROUP BY tx;

CREATE TEMP VIEW refunded AS
SELECT
    refund_num, CAST(any_value(applied) * 100 AS BIGINT) AS fen, any_value(refund_state) AS state
FROM ours WHERE state = 'REFUND' GROUP BY refund_num;

CREATE TEMP VIEW fees AS
SELECT
    CAST(fee * 100 AS BIGINT) AS fen,
    if(state = 'REFUND', -1, 1) AS sign,
    CAST(if(state = 'REFUND', back, settled) * 100 AS BIGINT) AS base,
    CAST(CAST(replace(rate, '%', '') AS DECIMAL(9,4)) * 10000 AS BIGINT) AS millionths
FROM ours WHERE state <> 'REVOKED';

SELECT
    count(*) FILTER (o.fen IS NULL) AS missing_here,
    count(*) FILTER (o.fen <> p.fen) AS amount_differs
FROM payments p LEFT JOIN orders o ON o.transaction_id = p.tx;

SELECT
    count(*) FILTER (r.fen IS NULL) AS refund_missing_here,
    count(*) FILTER (r.fen <> b.fen) AS refund_amount_differs,
    count(*) FILTER (r.status = 'SUCCESS' AND b.state IN ('FAIL', 'CHANGE'))
        AS refund_status_differs
FROM refunded b
LEFT JOIN refunds r ON r.refund_num = b.refund_num AND r.mch_id = getvariable('account');

SELECT count(*) AS status_differs
FROM ours b JOIN orders o ON o.transaction_id = b.tx
WHERE b.state = 'REVOKED' AND o.refunded_fen < o.fen;

SELECT count(*) AS missing_at_wechat FROM orders o
WHERE
    mch_id = getvariable('account')
    AND booked >= getvariable('since') AND booked < getvariable('until')
    AND NOT EXISTS (SELECT 1 FROM ours b WHERE b.tx = o.transaction_id AND b.state <> 'REFUND');

SELECT count(*) AS refund_missing_at_wechat FROM refunds r
WHERE
    mch_id = getvariable('account')
    AND booked >= getvariable('since') AND booked < getvariable('until')
    AND NOT EXISTS (SELECT 1 FROM refunded b WHERE b.refund_num = r.refund_num);

SELECT count(*) AS fee_differs FROM fees
WHERE abs(fen - sign * ((base * millionths + 500000) // 1000000)) > 1;

SELECT count(*) AS duplicate_row
FROM (
    SELECT 1 FROM ours GROUP BY state, if(state = 'REFUND', refund_num, tx) HAVING count(*) > 1
);

SELECT count(*) AS foreign_row
FROM lines WHERE mch <> getvariable('account') AND state IS NOT NULL;

SELECT
    CAST(rows <> CAST(ltrim(told.time, '`') AS BIGINT) AS INTEGER)
    + CAST(sums.settled <> CAST(told.app AS DECIMAL(18,2)) AS INTEGER)
    + CAST(sums.back <> CAST(told.mch AS DECIMAL(18,2)) AS INTEGER)
    + CAST(sums.coupon_back <> CAST(told.partner AS DECIMAL(18,2)) AS INTEGER)
    + CAST(sums.fee <> CAST(told.device AS DECIMAL(18,2)) AS INTEGER)
    + CAST(sums.total <> CAST(told.tx AS DECIMAL(18,2)) AS INTEGER)
    + CAST(sums.applied <> CAST(told.num AS DECIMAL(18,2)) AS INTEGER) AS summary_differs
FROM
    (
        SELECT
            count(*) AS rows, sum(settled) AS settled, sum(back) AS back,
            sum(coupon_back) AS coupon_back, sum(fee) AS fee, sum(total) AS total,
            sum(applied) AS applied
        FROM lines WHERE state IS NOT NULL
    ) sums,
    (SELECT * FROM lines WHERE state IS NULL AND num IS NOT NULL) told;
