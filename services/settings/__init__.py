"""What the owner sets while the hub runs: over the environment, versioned, taken back by one click."""
