"""How the hub works on its own: runs carried durably, by the only user of the engine. Read run_stage.py first."""
