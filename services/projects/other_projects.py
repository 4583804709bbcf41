"""Discovery of the other ecosystems: each is known by its manifest, and tested as its own tool does it.

Their dependencies are not fetched beforehand: that is for the project's `setup`, which its owner names.
"""

import re
from collections.abc import Callable

from services.projects.manifest import Manifests, strings, table
from services.projects.recipe import Part, Recipe

RUST = ("axum", "actix-web", "rocket", "tokio", "clap", "serde", "bevy", "leptos", "tauri", "diesel", "sqlx")
GO = {
    "gin-gonic/gin": "gin", "labstack/echo": "echo", "gofiber/fiber": "fiber", "go-chi/chi": "chi",
    "spf13/cobra": "cobra", "google.golang.org/grpc": "grpc", "gorm.io/gorm": "gorm", "stretchr/testify": "testify",
}  # fmt: skip
JAVA = {
    "spring-boot": "spring-boot", "quarkus": "quarkus", "micronaut": "micronaut", "com.android": "android",
    "kotlin": "kotlin", "junit": "junit", "jakarta": "jakarta",
}  # fmt: skip
RUBY = ("rails", "sinatra", "hanami", "rspec", "rspec-rails", "minitest", "sidekiq")
PHP = ("laravel/framework", "symfony/framework-bundle", "slim/slim", "phpunit/phpunit", "pestphp/pest")
DOTNET = {
    "Microsoft.NET.Sdk.Web": "aspnetcore", "Microsoft.EntityFrameworkCore": "entity-framework", "xunit": "xunit",
    "NUnit": "nunit", "MSTest": "mstest", "Microsoft.Maui": "maui",
}  # fmt: skip
ELIXIR = ("phoenix", "phoenix_live_view", "ecto", "absinthe", "credo")


def rust(files: Manifests) -> Part:
    cargo = files.toml("Cargo.toml")
    named = set(table(cargo, "dependencies")) | set(table(cargo, "workspace", "dependencies"))
    named |= set(table(cargo, "dev-dependencies"))
    bins = cargo.get("bin")
    names = [table({"b": entry}, "b").get("name") for entry in bins] if isinstance(bins, list) else []
    entries = [f"cargo run --bin {name}" for name in names if isinstance(name, str)]
    entries += ["cargo run"] if "src/main.rs" in files.found.paths else []
    members = " --workspace" if "workspace" in cargo else ""
    recipe = Recipe(test=f"cargo test{members}", lint=("cargo fmt --check", f"cargo clippy{members} -- -D warnings"))
    return Part("rust", "cargo", tuple(name for name in RUST if name in named), tuple(entries), recipe)


def go(files: Manifests) -> Part:
    text = files.text("go.mod") + files.text("go.work")
    mains = [path for path in files.found.paths if path == "main.go" or re.fullmatch(r"cmd/[^/]+/main\.go", path)]
    entries = tuple("go run ." if path == "main.go" else f"go run ./{path.rpartition('/')[0]}" for path in mains)
    checks = ("golangci-lint run",) if files.has(".golangci.yml", ".golangci.yaml", ".golangci.toml") else ()
    return Part("go", "go", _named(GO, text), entries, Recipe(test="go test ./...", lint=("go vet ./...", *checks)))


def maven(files: Manifests) -> Part:
    pom = files.xml("pom.xml")
    ids = " ".join(node.text or "" for node in pom.iter() if node.tag.endswith(("Id", "artifactId"))) if pom else ""
    program = "./mvnw" if files.has("mvnw") else "mvn"
    return Part("java", "maven", _named(JAVA, ids), _java_mains(files), Recipe(test=f"{program} -q -B test"))


def gradle(files: Manifests) -> Part:
    text = "".join(files.text(name) for name in ("build.gradle", "build.gradle.kts", "settings.gradle.kts"))
    program = "./gradlew" if files.has("gradlew") else "gradle"
    kind = "kotlin" if files.found.programs["kotlin"] > files.found.programs["java"] else "java"
    return Part(kind, "gradle", _named(JAVA, text), _java_mains(files), Recipe(test=f"{program} test"))


def ruby(files: Manifests) -> Part:
    gems = set(re.findall(r"""^\s*gem\s+["']([\w-]+)["']""", files.text("Gemfile"), re.MULTILINE))
    found = tuple(name for name in RUBY if name in gems)
    if "rails" in gems and "rspec-rails" not in gems:
        test = "bin/rails test"
    else:
        test = (
            "bundle exec rspec" if {"rspec", "rspec-rails"} & gems or files.has(".rspec") else "bundle exec rake test"
        )
    lint = ("bundle exec rubocop",) if "rubocop" in gems or files.has(".rubocop.yml") else ()
    entries = tuple(name for name in ("config.ru", "app.rb", "main.rb") if files.has(name))
    return Part("ruby", "bundler", found, entries, Recipe(test=test, lint=lint))


def php(files: Manifests) -> Part:
    composer = files.json("composer.json")
    named = {**table(composer, "require"), **table(composer, "require-dev")}
    scripts = table(composer, "scripts")
    test = "composer test" if "test" in scripts else None
    if test is None and "phpunit/phpunit" in named:
        test = "vendor/bin/phpunit"
    elif test is None and "pestphp/pest" in named:
        test = "vendor/bin/pest"
    lint = [f"composer {name}" for name in ("lint", "analyse", "phpstan", "cs") if name in scripts]
    entries = [name for name in ("artisan", "public/index.php", "index.php") if name in files.found.paths]
    found = tuple(name for name in PHP if name in named)
    return Part("php", "composer", found, tuple(entries), Recipe(test=test, lint=tuple(lint)))


def dotnet(files: Manifests) -> Part:
    projects = files.found.named("*.csproj", "*.fsproj", "*.vbproj")
    text = "".join(files.text(path) for path in projects[:50])
    solution = next(iter(files.found.named("*.sln", "*.slnx", depth=0)), "")
    runs = [path for path in projects if 'Sdk="Microsoft.NET.Sdk.Web"' in files.text(path) or
            "<OutputType>Exe" in files.text(path)]  # fmt: skip
    entries = tuple(f"dotnet run --project {path}" for path in runs[:5])
    what = f" {solution}" if re.fullmatch(r"[\w.-]+", solution) else ""
    recipe = Recipe(test=f"dotnet test{what}", lint=(f"dotnet format{what} --verify-no-changes",))
    return Part("dotnet", "nuget", _named(DOTNET, text), entries, recipe)


def cmake(files: Manifests) -> Part:
    text = files.text("CMakeLists.txt")
    build = 'cmake -S . -B "$TMPDIR/build" && cmake --build "$TMPDIR/build"'
    tested = re.search(r"enable_testing|include\s*\(\s*CTest", text, re.IGNORECASE)
    test = f'{build} && ctest --test-dir "$TMPDIR/build" --output-on-failure' if tested else None
    found = _named({"gtest": "googletest", "catch2": "catch2", "qt6": "qt", "boost": "boost"}, text.lower())
    names = re.findall(r"add_executable\s*\(\s*([\w.-]+)", text, re.IGNORECASE)
    kind = "c++" if files.found.programs["c++"] else "c"
    return Part(kind, "cmake", found, tuple(names[:5]), Recipe(test=test))


def meson(files: Manifests) -> Part:
    files.text("meson.build")
    build = 'meson setup "$TMPDIR/build" && meson test -C "$TMPDIR/build"'
    return Part("c++" if files.found.programs["c++"] else "c", "meson", (), (), Recipe(test=build))


def elixir(files: Manifests) -> Part:
    named = set(re.findall(r"\{\s*:(\w+)\s*,", files.text("mix.exs")))
    entries = ("mix phx.server",) if "phoenix" in named else ()
    lint = ("mix format --check-formatted", *(("mix credo",) if "credo" in named else ()))
    return Part("elixir", "mix", tuple(n for n in ELIXIR if n in named), entries, Recipe(test="mix test", lint=lint))


def deno(files: Manifests) -> Part:
    told = files.json("deno.json")
    entries = tuple(f"deno task {name}" for name in strings(told, "tasks") if name in ("start", "dev", "serve"))
    return Part("deno", "deno", (), entries, Recipe(test="deno test", lint=("deno lint", "deno fmt --check")))


def dart(files: Manifests) -> Part:
    flutter = "flutter" in table(files.yaml("pubspec.yaml"), "dependencies")
    program = "flutter" if flutter else "dart"
    recipe = Recipe(test=f"{program} test", lint=(f"{program} analyze",))
    return Part("dart", "pub", ("flutter",) if flutter else (), (), recipe)


def swift(files: Manifests) -> Part:
    named = _named({"vapor": "vapor"}, files.text("Package.swift"))
    return Part("swift", "swiftpm", named, (), Recipe(test="swift test"))


def ansible(files: Manifests) -> Part:
    plays = tuple(name for name in ("site.yml", "playbook.yml", "main.yml") if files.has(name))
    return Part("ansible", "ansible-galaxy" if files.has("requirements.yml") else "", ("ansible",), plays,
                Recipe(lint=("ansible-lint",)))  # fmt: skip


def terraform(files: Manifests) -> Part:
    lint = ("terraform fmt -check -recursive", "terraform validate")
    return Part("terraform", "terraform", (), (), Recipe(lint=lint if files.has("main.tf") else lint[:1]))


# the first marker of a folder that is there names its ecosystem; several may stand side by side
ECOSYSTEMS: tuple[tuple[tuple[str, ...], Callable[[Manifests], Part]], ...] = (
    (("Cargo.toml",), rust),
    (("go.mod", "go.work"), go),
    (("pom.xml",), maven),
    (("build.gradle", "build.gradle.kts", "settings.gradle.kts"), gradle),
    (("Gemfile",), ruby),
    (("composer.json",), php),
    (("*.sln", "*.slnx", "*.csproj", "*.fsproj", "*.vbproj"), dotnet),
    (("CMakeLists.txt",), cmake),
    (("meson.build",), meson),
    (("mix.exs",), elixir),
    (("deno.json",), deno),
    (("pubspec.yaml",), dart),
    (("Package.swift",), swift),
    (("ansible.cfg", "site.yml", "galaxy.yml"), ansible),
    (("main.tf", "terraform.tf"), terraform),
)


def _java_mains(files: Manifests) -> tuple[str, ...]:
    mains = [path for path in files.found.paths if path.endswith(("Application.java", "Main.java", "Application.kt"))]
    return tuple(mains[:5])


def _named(known: dict[str, str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for sign, name in known.items() if sign in text))
