"""What every test may use: migrated databases of both kinds."""

pytest_plugins = ["tests.support.databases", "tests.support.no_skips", "tests.support.trust_once"]
