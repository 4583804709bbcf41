"""The scripted model: a server that plays scenario files over the OpenAI and Ollama protocols."""
