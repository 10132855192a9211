"""The import contracts of ``pyproject.toml`` as a module to run: import-linter has none, its ``cli`` module checks nothing."""

from importlinter.cli import lint_imports_command

if __name__ == "__main__":
    lint_imports_command()
