"""Rows: models, sessions, migrations, and one repository per noun. Repositories query and flush; they never commit."""
