"""Orders from creation to prepay, close, expiry and service; products; the reconciler."""
