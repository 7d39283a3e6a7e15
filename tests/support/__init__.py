"""What the tests share and what runs them; no test is in here."""
