"""The bills of the simulated WeChat: its books of each day, both bills, faults, desks."""
