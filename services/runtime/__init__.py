"""Time, ids, locks, leases, jobs, metrics, counters and the audit log."""
