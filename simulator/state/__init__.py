"""The state of the simulated WeChat: trades, refunds, keys, faults, its clock."""
