PRAGMA journal_mode = WAL;
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    order_num TEXT NOT NULL UNIQUE,
    total_fen INTEGER NOT NULL,
    status TEXT NOT NULL,
    transaction_id TEXT UNIQUE,
    paid_at INTEGER
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    order_num TEXT NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL
);
