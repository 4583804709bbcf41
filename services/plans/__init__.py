"""The PM's answer to a request: drafted by a model, checked by code, decided by a person."""
