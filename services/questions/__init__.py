"""What agents ask people: kept until somebody answers, told to the agent that goes on."""
