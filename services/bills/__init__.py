"""Bills: fetched, matched with what is booked here, and the differences between the two."""
