"""The two addresses that buyers' pages call: prepay, and the status of an order."""
