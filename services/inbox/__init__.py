"""What waits for a person: how it is named and ordered, what waits behind it, and their word on it."""
