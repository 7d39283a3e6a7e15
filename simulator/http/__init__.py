"""The simulator's addresses: WeChat's own, the buyer's page, the control."""
