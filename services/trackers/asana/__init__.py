"""Asana, by its REST API 1.0 (https://developers.asana.com/reference/rest-api-reference)."""
