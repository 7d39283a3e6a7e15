"""The version of Paywatch: the wheel, the page, `paywatch --version` and the log read it here."""

VERSION = "0.1.0"
