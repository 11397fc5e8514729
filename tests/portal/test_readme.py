"""What the README says of the code is read from the code."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from creation import stages
from portal.management.commands.readme import stage_table


def test_the_table_of_stages_in_the_readme_is_current():
    call_command("readme", check=True)


def test_a_readme_that_lags_behind_is_named(settings, tmp_path):
    text = (Path(settings.BASE_DIR) / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(text.replace("| `revoke` |", "| `forgive` |"), encoding="utf-8")
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="not current"):
        call_command("readme", check=True)
    call_command("readme")
    call_command("readme", check=True)


def test_every_step_has_a_line():
    assert stage_table().count("\n") == len(stages.STEPS) + 2


def test_every_picture_of_the_readme_is_there():
    base = Path(settings.BASE_DIR)
    text = (base / "README.md").read_text(encoding="utf-8")
    named = [part.split(")")[0] for part in text.split("](docs/")[1:]]
    assert named
    assert [name for name in named if not (base / "docs" / name).is_file()] == []
