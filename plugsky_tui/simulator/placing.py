"""`X-Plugsky-Project` and `X-Plugsky-Region`: whose request it is, and where it is to run.

Regions: the documentation's "Data residency". Nothing runs anywhere but here: a region is checked and echoed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from plugsky_tui.simulator.errors import invalid

REGIONS = (
    "me-central-1",
    "sa-central-1",
    "eu-west-1",
    "eu-central-1",
    "us-east-1",
    "us-west-2",
    "ap-southeast-1",
)
_PROJECT = re.compile(r"prj_[A-Za-z0-9_-]{1,64}")


def check(headers: Mapping[str, str]) -> None:
    """ApiError 400 for a project that is none, or a region there is none of. `headers`: names in lower case."""
    project = headers.get("x-plugsky-project")
    if project is not None and not _PROJECT.fullmatch(project):
        raise invalid(
            "Invalid 'X-Plugsky-Project': a project id is prj_ and letters, digits, - or _, such as prj_8x2a.",
            "X-Plugsky-Project",
            "invalid_project",
        )
    region = headers.get("x-plugsky-region")
    if region is not None and region not in REGIONS:
        raise invalid(
            f"Invalid 'X-Plugsky-Region'. Supported values are: {', '.join(REGIONS)}.",
            "X-Plugsky-Region",
            "invalid_region",
        )


def echo(headers: Mapping[str, str]) -> dict[str, str]:
    """The header that confirms the region of a request, where it names one there is."""
    region = headers.get("x-plugsky-region")
    return {"x-plugsky-region": region} if region in REGIONS else {}
