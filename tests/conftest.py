"""What every test may use: migrated databases of both kinds."""

pytest_plugins = ["tests.support.databases"]
