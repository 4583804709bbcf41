"""Roles and workflows: seeded from files, kept and versioned in the database."""
