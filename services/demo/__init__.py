"""The bundled sample project and the scenario the scripted model plays on it."""
