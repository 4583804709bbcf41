"""The scripted model: a server that plays scenario files over the OpenAI, Ollama and Anthropic protocols."""
