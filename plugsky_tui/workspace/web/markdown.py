"""HTML as Markdown: what a reader sees of a page, without scripts, navigation and what is hidden.

One pass over the tokens, no tree and no recursion, so that no page is too deep. A page with a `main` is that part of it.
"""

from __future__ import annotations

import re
from time import monotonic
from urllib.parse import urljoin, urlsplit

from plugsky_tui.kernel.record import record
from plugsky_tui.workspace.web.html_tokens import Tag, tokens
from plugsky_tui.workspace.web.tables import Table
from plugsky_tui.workspace.web.writer import BREAK, Writer

LONGEST_S = 6.0
_LOOK = 512  # tokens between two looks at the clock
_ENOUGH = 200  # characters of a `main` for it to be the page
_MOST_MARKS = 64

_SKIPPED = frozenset(
    "nav footer template svg object canvas audio video button select datalist dialog script style noscript iframe "
    "textarea xmp noembed noframes".split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_BLOCKS = frozenset(
    "p div section article main header aside figure figcaption address form fieldset legend details summary center "
    "hgroup dl dt body html head h1 h2 h3 h4 h5 h6 ul ol menu caption thead tbody tfoot search".split()
)
_ENDS_BEFORE_ITS_LIKE = frozenset("p li dt dd tr td th option".split())  # their end tags may be left out
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`", "kbd": "`", "samp": "`", "tt": "`", "del": "~~"}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight-source|brush:)[-\s]?([A-Za-z0-9+#_.-]{1,30})")
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ANCHOR_SIGNS = frozenset({"", "#", "¶", "§", "🔗", "\uf0c1"})  # links beside headings that lead to themselves


@record
class Page:
    """`title` on one line, perhaps empty. `whole` False: reading it took too long, this is its beginning."""

    title: str
    markdown: str
    whole: bool = True


def to_markdown(html: str, url: str, longest_s: float = LONGEST_S) -> Page:
    """The page at `url`, whose links are made absolute. Never raises. Blocking: call it in a thread."""
    return _Reader(url).read(html.replace(BREAK, ""), monotonic() + longest_s)


class _Reader:
    def __init__(self, url: str) -> None:
        self._base = url
        self._title: list[str] = []
        self._in_title = False
        self._out = Writer()
        self._inline: list[str] = []
        self._marks: list[tuple[str, int, str]] = []  # tag, where its text begins in `_inline`, its link
        self._heading = 0
        self._lists: list[int] = []  # the next number of each, 0 for bullets
        self._tables: list[Table] = []
        self._pre: list[str] | None = None
        self._language = ""
        self._skipping = ""  # the element being skipped, and how deep within its like
        self._depth = 0
        self._main: list[int] = []  # the blocks where the main part begins and ends

    def read(self, html: str, until: float) -> Page:
        whole = True
        for count, token in enumerate(tokens(html)):
            if count % _LOOK == 0 and monotonic() > until:
                whole = False
                break
            if isinstance(token, str):
                self._text(token)
            elif token.closing:
                self._close(token.name)
            else:
                self._open(token)
        self._end_pre()
        while self._tables:
            self._end_table()
        self._flush()
        return Page(" ".join("".join(self._title).split())[:300], self._best(), whole)

    def _best(self) -> str:
        if self._main:
            start, end = (*self._main, len(self._out.blocks))[:2]
            main = self._out.text(start, end)
            if len(main) >= _ENOUGH:
                return main
        return self._out.text()

    # --- text ---------------------------------------------------------------------------------

    def _text(self, text: str) -> None:
        if self._in_title:
            self._title.append(text)
        elif self._skipping:
            return
        elif self._pre is not None:
            self._pre.append(text)
        else:
            self._inline.append(text)

    def _flush(self) -> None:
        """What has been read since the last block is a paragraph, or text of a table's cell."""
        self._close_links()
        text = "".join(self._inline)
        self._inline = []
        self._marks = [(name, 0, link) for name, _, link in self._marks if name == "a"]
        table = self._tables[-1] if self._tables else None
        if table is not None and table.cell is not None and not table.layout:
            if text.strip():
                table.cell += [text, " "]
            return  # text between the cells is put before the table, as browsers do
        if self._heading:
            text = " ".join(text.replace(BREAK, " ").split())
            text = f"{'#' * self._heading} {text}" if text else ""
        self._out.paragraph(text)

    def _close_links(self) -> None:
        """A link may hold several blocks: the first with text becomes the link."""
        for at, (name, start, link) in enumerate(self._marks):
            if name == "a" and link and "".join(self._inline[start:]).strip():
                self._wrap_link(start, link)
                self._marks[at] = (name, len(self._inline), "")

    # --- tags ---------------------------------------------------------------------------------

    def _open(self, tag: Tag) -> None:
        name = tag.name
        if self._skipping:
            if name == self._skipping and name in _ENDS_BEFORE_ITS_LIKE:
                self._skipping = ""  # the hidden one has ended; this one is looked at for itself
            else:
                self._depth += name == self._skipping
                return
        if name == "title":
            self._in_title = not self._title
            return
        if name == "base":
            self._rebase(tag.attributes.get("href", ""))
            return
        if name in _SKIPPED or _hidden(tag):
            if name not in _VOID:
                self._skipping, self._depth = name, 1
            return
        if self._pre is not None:
            self._open_in_pre(tag)
        elif name in _MARKS or name == "a":
            if len(self._marks) < _MOST_MARKS:
                self._marks.append((name, len(self._inline), self._absolute(tag.attributes.get("href", ""))))
        else:
            self._open_block(tag)
        if (name == "main" or tag.attributes.get("role") == "main") and not self._main:
            self._main = [len(self._out.blocks)]

    def _open_block(self, tag: Tag) -> None:
        name = tag.name
        match name:
            case "br":
                self._inline.append(BREAK)
            case "img":
                self._image(tag)
            case "input":
                if tag.attributes.get("type") == "checkbox":
                    self._inline.append("[x] " if "checked" in tag.attributes else "[ ] ")
            case "pre":
                self._flush()
                self._pre, self._language = [], _language(tag)
            case "hr":
                self._flush()
                if not self._tables:
                    self._out.block(["---"])
            case "blockquote":
                self._flush()
                self._out.enter(name, "> ")
            case "li":
                self._flush()
                self._out.leave("li", within="list")
                self._out.enter("li", self._bullet())
            case "dd":
                self._flush()
                self._out.leave("dd")
                self._out.enter("dd", ": ")
            case "table" | "tr" | "td" | "th":
                self._open_table(name)
            case _ if name in _BLOCKS:
                self._flush()
                if name in ("ul", "ol", "menu"):
                    start = tag.attributes.get("start", "1") if name == "ol" else "0"
                    self._lists.append(int(start) if re.fullmatch(r"\d{1,6}", start) else 1)
                    self._out.enter("list", "")
                elif name == "dt":
                    self._out.leave("dd")
                self._heading = _HEADINGS.get(name, 0)

    def _close(self, name: str) -> None:
        if self._skipping:
            if name == self._skipping:
                self._depth -= 1
                if not self._depth:
                    self._skipping = ""
            return
        if name == "title":
            self._in_title = False
        elif self._pre is not None:
            if name == "pre":
                self._end_pre()
            elif name in ("div", "p", "li", "tr") and self._pre and not self._pre[-1].endswith("\n"):
                self._pre.append("\n")
        elif name in _MARKS or name == "a":
            self._close_mark(name)
        elif name == "table":
            self._end_table()
        elif name in ("td", "th", "tr"):
            self._flush()
            if self._tables and not self._tables[-1].layout:
                self._tables[-1].end_cell()
        elif name in ("li", "dd", "blockquote", "dl") or name in _BLOCKS:
            self._close_block(name)

    def _close_block(self, name: str) -> None:
        self._flush()
        if name in ("ul", "ol", "menu"):
            if self._lists:
                self._lists.pop()
                self._out.leave("list")
        elif name in ("li", "dd", "blockquote"):
            self._out.leave(name)
        elif name == "dl":
            self._out.leave("dd")
        elif name in _HEADINGS:
            self._heading = 0
        elif name == "main" and len(self._main) == 1:
            self._main.append(len(self._out.blocks))

    def _bullet(self) -> str:
        if not self._lists or not self._lists[-1]:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1] - 1}. "

    # --- inline -------------------------------------------------------------------------------

    def _close_mark(self, name: str) -> None:
        at = next((at for at in range(len(self._marks) - 1, -1, -1) if self._marks[at][0] == name), None)
        if at is None:
            return
        _, start, link = self._marks[at]
        del self._marks[at:]
        if name == "a":
            self._wrap_link(start, link)
            return
        text = "".join(self._inline[start:])
        core = text.strip().replace(BREAK, " ")
        if core:
            before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            self._inline[start:] = [f"{before}{_MARKS[name]}{core}{_MARKS[name]}{after}"]

    def _wrap_link(self, start: int, link: str) -> None:
        text = "".join(self._inline[start:])
        core = " ".join(text.replace(BREAK, " ").split())
        if core in _ANCHOR_SIGNS:
            del self._inline[start:]
        elif link:
            before = " " if text[:1].isspace() else ""
            after = " " if text[-1:].isspace() else ""
            self._inline[start:] = [f"{before}[{core}]({link}){after}"]

    def _image(self, tag: Tag) -> None:
        alt = " ".join(tag.attributes.get("alt", "").split())
        source = self._absolute(tag.attributes.get("src", ""))
        if alt:
            self._inline.append(f"![{alt}]({source})" if source else alt)

    def _absolute(self, link: str) -> str:
        """Where a link leads; "" for one within the page, and for what is no address of the web or of mail."""
        link = "".join(link.split())
        if not link or link.startswith("#") or len(link) > 2000:
            return ""
        try:
            link = urljoin(self._base, link)
            scheme = urlsplit(link).scheme
        except ValueError:
            return ""
        if scheme not in ("http", "https", "mailto"):
            return ""
        return link.replace("(", "%28").replace(")", "%29")

    def _rebase(self, link: str) -> None:
        if base := self._absolute(link):
            self._base = base

    # --- code and tables ----------------------------------------------------------------------

    def _open_in_pre(self, tag: Tag) -> None:
        assert self._pre is not None
        if tag.name == "br":
            self._pre.append("\n")
        elif tag.name == "code" and not self._language:
            self._language = _language(tag)

    def _end_pre(self) -> None:
        if self._pre is None:
            return
        text, self._pre = "".join(self._pre).replace("\r\n", "\n"), None
        lines = text.strip("\n").rstrip().split("\n")
        table = self._tables[-1] if self._tables else None
        if table is not None and table.cell is not None and not table.layout:
            if text.strip():
                table.cell.append(f"`{' '.join(text.split())}` ")
        elif text.strip():
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
            self._out.block([fence + self._language, *lines, fence])

    def _open_table(self, name: str) -> None:
        self._flush()
        if name == "table":
            if self._tables:
                self._arranges(self._tables[-1])
            self._tables.append(Table())
        elif self._tables and not self._tables[-1].layout:
            table = self._tables[-1]
            if name == "tr":
                table.row()
            else:
                table.begin_cell()

    def _arranges(self, table: Table) -> None:
        """A table that holds another one: what has been read of it are paragraphs."""
        if table.layout:
            return
        table.end_cell()
        table.layout = True
        for text in table.texts():
            self._out.paragraph(text)

    def _end_table(self) -> None:
        self._flush()
        if not self._tables:
            return
        table = self._tables.pop()
        table.end_cell()
        if table.layout:
            return
        if lines := table.lines():
            self._out.block(lines)
        else:
            for text in table.texts():
                self._out.paragraph(text)


def _hidden(tag: Tag) -> bool:
    """What a reader does not see is not passed on either: pages hide words for machines there."""
    given = tag.attributes
    if not given or tag.name in ("html", "body", "main"):  # hidden until a script has run, which none does here
        return False
    return (
        given.get("hidden", "until-found") != "until-found"
        or given.get("aria-hidden") == "true"
        or given.get("role") in ("navigation", "contentinfo")
        or bool(_HIDING.search(given.get("style", "")))
    )


def _language(tag: Tag) -> str:
    found = _LANGUAGE.search(tag.attributes.get("class", ""))
    return found[1] if found else ""
