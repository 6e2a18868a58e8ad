from pathlib import Path

import pytest

from governance.contract import KINDS, read_code_lists
from governance.contract.dictionary import CODES_FOLDER, main, render


def test_the_committed_dictionary_is_the_contract(root: Path) -> None:
    committed = (root / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert committed == render(KINDS.values(), read_code_lists(CODES_FOLDER)), (
        "python -m governance.contract.dictionary > docs/data-dictionary.md"
    )


def test_every_kind_field_and_list_is_in_it() -> None:
    lists = read_code_lists(CODES_FOLDER)
    text = render(KINDS.values(), lists)
    for kind in KINDS.values():
        assert f"### {kind.label} {kind.name}\n" in text
        assert all(f"| `{item.name}` | {item.label} |" in text for item in kind.fields)
    assert all(f"| `{name}` | {one.label} |" in text for name, one in lists.items())


def test_it_prints_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    file = tmp_path / "dictionary.md"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["--check", str(file)]) == 0
    file.write_text("别的", encoding="utf-8")
    assert main(["--check", str(file)]) == 1
    assert "不一致" in capsys.readouterr().err
    assert main(["--check", str(tmp_path / "absent.md")]) == 1
