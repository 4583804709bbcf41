"""What the door (main_api/auth.py) is made of: names, limits, headers, and connections that outlast a request."""
