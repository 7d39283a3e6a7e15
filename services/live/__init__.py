"""Events to dashboards and waiting pages: feed, bus, fan-out, waiters."""
