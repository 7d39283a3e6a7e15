"""What a clerk pastes: a receipt, a row of a bill, several lines."""
