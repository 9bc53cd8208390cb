"""Where subcommands begin, and end where something goes wrong."""

from __future__ import annotations

from plugsky_tui.cli import themes
from plugsky_tui.cli.main import dispatch


def test_a_fault_of_ours_is_a_sentence_and_a_file_not_a_traceback(tmp_path, monkeypatch, capsys):
    key = "psk_live_0123456789abcdef"
    monkeypatch.setenv("PLUGSKY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PLUGSKY_API_KEY", key)

    def breaks(args):
        raise RuntimeError(f"no such thing: {key}")

    monkeypatch.setattr(themes, "run", breaks)
    assert dispatch(["themes", "list"]) == 1
    said = capsys.readouterr().err
    (file,) = (tmp_path / "crashes").iterdir()
    assert said.startswith("plugsky broke down: RuntimeError: no such thing") and str(file) in said
    assert "Traceback" not in said and "Traceback" in file.read_text()
    assert key not in said + file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
