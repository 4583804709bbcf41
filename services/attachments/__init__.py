"""Files on tasks, requests, comments and bugs: who may hang one where, and when its bytes go."""
