"""Where configuration, data and cache live.

`PLUGSKY_CONFIG_DIR`, `PLUGSKY_DATA_DIR` and `PLUGSKY_CACHE_DIR` move them; else platformdirs knows
the custom of the system. Asking creates nothing: whoever writes first calls `files.private_folder`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

CONFIG_FILE = "config.toml"
PROJECT_FOLDER = ".plugsky"


def config_dir(env: Mapping[str, str] = os.environ) -> Path:
    """The folder of config.toml and the credentials: absolute, perhaps not there yet."""
    return _moved(env, "PLUGSKY_CONFIG_DIR") or Path(_platform("user_config_dir"))


def data_dir(env: Mapping[str, str] = os.environ) -> Path:
    """The folder of threads and whatever else cannot be made again."""
    return _moved(env, "PLUGSKY_DATA_DIR") or Path(_platform("user_data_dir"))


def cache_dir(env: Mapping[str, str] = os.environ) -> Path:
    """The folder of what can be deleted at any time."""
    return _moved(env, "PLUGSKY_CACHE_DIR") or Path(_platform("user_cache_dir"))


def user_config_file(env: Mapping[str, str] = os.environ) -> Path:
    return config_dir(env) / CONFIG_FILE


def project_config_file(folder: Path) -> Path:
    return folder / PROJECT_FOLDER / CONFIG_FILE


def _moved(env: Mapping[str, str], variable: str) -> Path | None:
    given = env.get(variable)
    return Path(given).expanduser().absolute() if given else None


def _platform(which: str) -> str:
    import platformdirs  # 6 ms, and not needed where a variable answers

    folder: str = getattr(platformdirs.PlatformDirs("plugsky", appauthor=False), which)
    return folder
