"""How long a test waits for what must come: far longer than a busy machine needs, because a bound
costs nothing while nothing fails. A wait whose length is itself the promise names its own."""

PATIENCE_S = 120
