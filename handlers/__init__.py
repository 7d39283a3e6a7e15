"""The edge: decode, check who calls, call one service, answer."""
