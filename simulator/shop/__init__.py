"""A shop and its buyers, which make the demo's traffic."""
