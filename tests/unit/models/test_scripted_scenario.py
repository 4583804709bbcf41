"""Loading a scenario: what is wrong is told with its file and line."""

from pathlib import Path

import pytest

from services.models.scripted.errors import ScenarioInvalid
from services.models.scripted.load import load_scenario


def written(folder: Path, text: str) -> Path:
    path = folder / "story.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("rules:\n  - when: {role: dev}\n    answr: hi\n    answer: there\n", 3, "answr"),
        ("rules:\n  - answer: hi\n  - answer: hi\n    json: {}\n", 3, "one of"),
        ("rules:\n  - answer: hi\n    when:\n      role: dev\n      task: '('\n", 5, "regular expression"),
        ("rules:\n  - answer: hi\n    when: {round: two}\n", 3, "round"),
        ("rules:\n  - answer: hi\n    answer: ho\n", 3, "written twice"),
        ("rules:\n  - answer: [hi\n", 3, "not YAML"),
        ("rules:\n  - files_from:\n      a.py: none.py\n", 3, "none.py"),
        ("rules:\n  - files:\n      ../a.py: x\n", 3, "relative path"),
        ("rules:\n  - files_from:\n      a.py: /etc/passwd\n", 3, "relative path"),
        ("rules:\n  - answer: Ok, I will.\n", 2, "acknowledgement"),
        ("rules:\n  - fault: {cut: true}\n", 2, "cut"),
        ("rules:\n  - say: hello\n", 2, "needs"),
        ("rules:\n  - answer: hi\n    when:\n      role:\n", 4, "no value"),
        ("rules:\n  - answer: hi\n    when: {contains: }\n", 3, "no value"),
        ("rules:\n  - json: {share: .nan}\n", 2, "JSON"),
        ("rules:\n  - json: {2026-01-05: free}\n", 2, "JSON"),
        ("rules:\n  - note: itself\n    json: &all {all: *all}\n", 3, "JSON"),
        ("rules:\n  - tool_calls:\n      - name: plan\n        arguments: {share: .inf}\n", 4, "JSON"),
        ("rules: []\n", 1, "rules"),
        ("", 1, "empty"),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ScenarioInvalid) as refused:
        load_scenario(path)
    assert refused.value.data == {"file": str(path), "line": line}
    assert f"{path}, line {line}: " in str(refused.value)
    assert says in str(refused.value)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "scenario"
    folder.mkdir()
    (folder / "link.py").symlink_to(tmp_path / "secret")
    with pytest.raises(ScenarioInvalid, match="outside"):
        load_scenario(written(folder, "rules:\n  - files_from: {a.py: link.py}\n"))


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ScenarioInvalid, match="can't be read"):
        load_scenario(tmp_path / "absent.yaml")


def test_defaults_and_files_from(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("x = 1\n")
    scenario = load_scenario(written(tmp_path, "rules:\n  - files_from: {src/a.py: good.py}\n    files: {b.py: y}\n"))
    assert (scenario.name, scenario.model) == ("story", "demo")
    assert scenario.rules[0].files == {"b.py": "y", "src/a.py": "x = 1\n"}
