"""The hub brought up, watched and taken down, as local processes or containers; the only user of Docker."""
