"""On which line a key stands."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.config.lines import key_lines, line_of

TEXT = '''# a comment with [brackets] and = signs

model = "x" # [api]
list = [
  "a]", # ]
  "b",
]
text = """
[api]
quoted = "no key"
"""
[api]   # the table
base_url = 'http://[x'
"quoted.key" = 1
dotted . inner = 2
inline = { a = 1, b = [1,
2] }
[[hooks.stop]]
run = "a"
[[hooks.stop]]
run = "b"
[hooks.stop.deep]
x = """a\\"""" # tricky end
y = 1
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("model",), 3),
        (("list",), 4),
        (("text",), 8),
        (("api",), 12),
        (("api", "base_url"), 13),
        (("api", "quoted.key"), 14),
        (("api", "dotted", "inner"), 15),
        (("api", "inline"), 16),
        (("hooks", "stop"), 18),
        (("hooks", "stop", "0", "run"), 19),
        (("hooks", "stop", "1", "run"), 21),
        (("hooks", "stop", "1", "deep", "y"), 24),
    ],
)
def test_each_key_has_its_line(key: tuple[str, ...], line: int) -> None:
    tomllib.loads(TEXT)
    assert key_lines(TEXT)[key] == line


def test_a_key_inside_an_inline_table_stands_where_its_table_does() -> None:
    assert line_of(key_lines(TEXT), ("api", "inline", "a")) == 16
    assert line_of(key_lines(TEXT), ("nothing",)) is None


NAMES = st.text("abc.\"'\\ é=[]#", min_size=1, max_size=6)


@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(['"x"', '"""\na = 1\n"""', "[\n1, # ]\n2]", "{a = [1,\n2]}", "'#'"])),
        max_size=8,
        unique_by=lambda pair: pair[0],
    )
)
def test_every_key_is_found_on_its_line_whatever_the_values_before_it(pairs: list[tuple[str, str]]) -> None:
    text, expected = "", {}
    for name, value in pairs:
        expected[(name,)] = text.count("\n") + 1
        text += '"' + name.replace("\\", "\\\\").replace('"', '\\"') + f'" = {value}\n'
    assert {(name,) for name in tomllib.loads(text)} == set(expected)
    assert key_lines(text) == expected


@given(st.text("[]\"'=#\n.ab \\{}", max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    key_lines(text)
