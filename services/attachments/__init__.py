"""Files on tasks, requests, comments and bugs: who may hang one where, who has it, and when its bytes go."""
