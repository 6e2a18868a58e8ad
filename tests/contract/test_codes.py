from collections.abc import Mapping
from pathlib import Path

import pytest

from governance.contract import KINDS, CodeBook, CodeList, Owner, Type, code_book, read_code_lists

LISTS = "id,label,standard,confirmed\nsize,大小,,1\n"
CODES = "list,code,label,retired\nsize,1,小,0\n"


def written(folder: Path, lists: str = LISTS, codes: str = CODES) -> Path:
    (folder / "lists.csv").write_text(lists, encoding="utf-8")
    (folder / "codes.csv").write_text(codes, encoding="utf-8")
    return folder


def test_lists_are_read_with_source_and_state(tmp_path: Path) -> None:
    read = read_code_lists(written(tmp_path, LISTS + "age,年龄,GB 1,0\n", CODES + "size,2,大,1\n"))
    assert read["age"].standard == "GB 1"
    assert (read["size"].confirmed, read["age"].confirmed) == (True, False)
    assert [item.retired for item in code_book(read)["size"].values()] == [False, True]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert list(read_code_lists(written(tmp_path, "\ufeff" + LISTS, "\ufeff" + CODES))) == ["size"]


@pytest.mark.parametrize(
    ("lists", "codes", "reason"),
    [
        (LISTS + "size,大小,,1\n", CODES, r"lists.csv 第3行：代码表 size 重复"),
        (LISTS + "age,,,1\n", CODES, r"lists.csv 第3行：label 不能为空"),
        (LISTS + "age,年龄,,yes\n", CODES, r"lists.csv 第3行：confirmed 应为0或1"),
        (LISTS + "age,年龄\n", CODES, r"lists.csv 第3行：应有4列，现有2列"),
        ("id,label\n", CODES, r"lists.csv 第1行：列应为"),
        ("", CODES, r"lists.csv 第1行：列应为"),
        (LISTS, CODES + "size,1,小,0\n", r"codes.csv 第3行：size 的代码 1 重复"),
        (LISTS, CODES + "age,1,小,0\n", r"codes.csv 第3行：没有代码表 age"),
        (LISTS, CODES + 'size,"2""",大,0\n', r"codes.csv 第3行：代码“2\"”应为1到20位字母"),
        (LISTS, CODES + "size,2, ,0\n", r"codes.csv 第3行：label 不能为空"),
        (LISTS, CODES + "size,2,大,\n", r"codes.csv 第3行：retired 应为0或1"),
    ],
)
def test_faults_name_file_line_and_reason(tmp_path: Path, lists: str, codes: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_code_lists(written(tmp_path, lists, codes))


def test_every_list_a_field_names_is_there(book: CodeBook) -> None:
    for kind in KINDS.values():
        assert kind.closing in book
        for item in kind.fields:
            if item.codes:
                assert book[item.codes], f"{kind.name}.{item.name}"


def test_every_code_fits_its_fields(book: CodeBook) -> None:
    for kind in KINDS.values():
        for item in kind.fields:
            if item.type in (Type.CODE, Type.CODES):
                assert item.length == max(len(code) for code in book[str(item.codes)]), item.name


def test_codes_and_labels_are_clean(lists: Mapping[str, CodeList]) -> None:
    for one in lists.values():
        labels = [item.label for item in one.items.values()]
        named = {
            (code[:2] if one.id == "event_category" else "", label)
            for code, label in zip(one.items, labels, strict=True)
        }
        assert len(named) == len(labels), one.id
        assert all(text == text.strip() and text.isprintable() for text in [one.label, *labels])
        assert all(code.isascii() and " " not in code and len(code) <= 20 for code in one.items)
        assert one.items


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("nation", 58),
        ("country", 249),
        ("political_status", 13),
        ("religion", 9),
        ("event_class", 16),
        ("offence_class", 10),
        ("mental_risk", 6),
        ("correction_group", 9),
        ("hardship_kind", 13),
    ],
)
def test_lists_are_complete(book: CodeBook, name: str, count: int) -> None:
    assert len(book[name]) == count


@pytest.mark.parametrize(
    ("big", "count"), [("01", 19), ("02", 13), ("03", 13), ("04", 28), ("05", 7), ("06", 5)]
)
def test_event_catalogue_is_complete(book: CodeBook, big: str, count: int) -> None:
    assert sum(code.startswith(big) for code in book["event_category"]) == count


@pytest.mark.parametrize(
    ("small", "big"), [("event_category", "event_class"), ("part_category", "part_class")]
)
def test_small_classes_belong_to_a_big_one(book: CodeBook, small: str, big: str) -> None:
    assert {code[:2] for code in book[small]} == set(book[big])


def test_events_about_care_groups_cannot_be_reported(book: CodeBook) -> None:
    assert all(item.retired for code, item in book["event_category"].items() if code.startswith("06"))


def test_sources_are_the_owners(book: CodeBook) -> None:
    assert set(book["source"]) == {owner.value for owner in Owner}


def test_nothing_tells_of_hiv(root: Path) -> None:
    folders = (root / "fixtures" / "codes", root / "governance" / "contract", root / "docs")
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".csv", ".py")]
    text = "".join(path.read_text(encoding="utf-8").lower() for path in files)
    text += (root / "docs" / "data-dictionary.md").read_text(encoding="utf-8").lower()
    assert "艾滋" not in text
    assert "hiv" not in text.replace("archiv", "")


def test_general_knowledge_waits_for_the_city(lists: Mapping[str, CodeList]) -> None:
    assert not any(lists[name].confirmed for name in ("relation", "country", "event_scale", "mediation"))
    assert all(lists[name].confirmed for name in ("religion", "political_status", "holding", "settlement"))
