"""`wf` and `./start.sh`: the hub from a terminal, over its API wherever it runs."""
