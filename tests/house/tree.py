"""The project's own files, for the tests that read them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("governance", "gridmap", "field_app")
UNTRACKED = {".git", ".venv", "var", ".env"}


def tracked(path: Path) -> bool:
    """Whether a path belongs to the project: no environment, no data, no cache."""
    parts = path.relative_to(ROOT).parts
    return parts[0] not in UNTRACKED and not any(
        part == "__pycache__" or part.endswith("_cache") for part in parts
    )


def files(*suffixes: str) -> list[Path]:
    """List the project's files whose name ends in one of the suffixes, all when none is given."""
    found = []
    for folder in sorted(ROOT.iterdir()):
        if not tracked(folder) or folder.name.startswith(".hypothesis"):
            continue
        inside = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
        found += [path for path in inside if path.is_file() and tracked(path)]
    return [path for path in found if not suffixes or path.name.endswith(suffixes)]


def python(*folders: str) -> list[Path]:
    """List the Python files of the named folders, migrations left out."""
    return [
        path
        for path in files(".py")
        if path.relative_to(ROOT).parts[0] in folders and path.parent.name != "migrations"
    ]


def short(path: Path) -> str:
    """Name a file as people do, from the project's root."""
    return path.relative_to(ROOT).as_posix()
