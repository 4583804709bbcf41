"""One file that holds a hub, and the way back: its database, its files, its repositories, its secrets."""
