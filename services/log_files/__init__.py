"""The hub's log files: read from any place in them, searched, cleared. services/logs writes them."""
