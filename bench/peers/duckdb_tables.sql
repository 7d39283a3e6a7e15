-- The bookings, out of files that `bench/bills/beside_duckdb.py` writes.
CREATE TABLE orders (
    transaction_id VARCHAR, mch_id VARCHAR, fen BIGINT, refunded_fen BIGINT, booked BIGINT
);
CREATE TABLE refunds (
    refund_num VARCHAR, mch_id VARCHAR, fen BIGINT, status VARCHAR, booked BIGINT
);
COPY orders FROM 'orders.csv' (HEADER false);
COPY refunds FROM 'refunds.csv' (HEADER false);
