"""The documentation's reference pages, made from the code when the site is built (docs/site/mkdocs.yml)."""
