"""What a person asks for in their own words, with its files: kept, planned, tried again, closed."""
