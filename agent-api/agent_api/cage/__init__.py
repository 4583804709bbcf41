"""The cage: where all that a model wrote or chose runs. Import its modules; the package itself stays empty so that
`agent_api.cage.landlock` and `agent_api.cage.launch` load with nothing but the standard library (Aider's own
environment has none of our packages, and the launch program must start fast)."""
