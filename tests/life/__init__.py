"""Lives of orders drawn at random, beside a model written from the contract."""
