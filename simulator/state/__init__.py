"""What the simulated WeChat knows: trades, refunds, keys, faults, its clock."""
