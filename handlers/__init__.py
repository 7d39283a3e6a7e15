"""The HTTP edge: a handler decodes a request, checks the caller, calls one service, answers."""
