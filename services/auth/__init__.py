"""Users, sessions, sign-in, second factor, API keys and roles."""
