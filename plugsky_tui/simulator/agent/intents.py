"""What a message asks for, in English or Arabic, by patterns. What fits none is `Unknown`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from plugsky_tui.simulator.agent.tasks import (
    CallTool,
    CallTools,
    Continue,
    Create,
    Delegate,
    Delegated,
    Explain,
    Find,
    Fix,
    Greet,
    Introduce,
    Overview,
    Rename,
    Replace,
    RunCommand,
    RunTests,
    Stop,
    Task,
    Thanks,
    Unknown,
)

MAX_CALLS = 16  # in one message

_QUOTED = r"(?:`(?P<{0}a>[^`\n]+)`|\"(?P<{0}b>[^\"\n]+)\"|“(?P<{0}c>[^”\n]+)”|«(?P<{0}d>[^»\n]+)»|'(?P<{0}e>(?:[^'\n]|(?<=\w)'(?=\w))+)')"
_PATH = (
    r"(?:[`'\"“«]?(?P<path>[\w./\\~-]*[\w-]\.[A-Za-z]\w*|[\w.-]+/[\w./-]+|Makefile|Dockerfile|README|LICENSE)[`'\"”»]?)"
)
_NAME = r"[`'\"“«]?(?P<{0}>[A-Za-z_][\w.]*)[`'\"”»]?"
_END = r"\s*[.!?؟]*\s*$"


def _term(name: str) -> str:
    """Something quoted, or one bare word: read back by `_taken`."""
    return "(?:" + _QUOTED.format(name) + rf"|(?P<{name}f>[^\s`'\"“«»”]+))"


class _Found:
    """A match in the plain spelling of a message, whose groups come back as the user spelled them."""

    def __init__(self, match: re.Match[str], text: str, origin: list[int]) -> None:
        self._match = match
        self._origin = origin
        self.text = text

    def get(self, group: str) -> str | None:
        if self._match.groupdict().get(group) is None:
            return None
        start, end = self._match.span(group)
        return self.text[self._origin[start] : self._origin[end]]

    def __getitem__(self, group: str) -> str:
        return self.get(group) or ""

    def start(self, group: str) -> int:
        return self._origin[self._match.start(group)]

    def term(self, name: str) -> tuple[str, bool]:
        """What `_term(name)` matched, and whether it was quoted."""
        for letter in "abcde":
            if (value := self.get(name + letter)) is not None:
                return value, True
        return self[name + "f"], False

    @property
    def path(self) -> str | None:
        path = self.get("path")
        return path.rstrip(".") if path else None


def _compiled(*patterns: str) -> list[re.Pattern[str]]:
    return [re.compile(pattern, re.IGNORECASE) for pattern in patterns]


# What lies between two words of a rule is bounded: with `.*`, a long line of such words takes minutes.
_FIX = _compiled(
    r"\b(?:fix|repair|solve|debug|heal|correct)\b.{0,300}\b(?:tests?|bugs?|faults?|failures?|failing|fails?|it|this|build|suite|errors?|problem|code)\b",
    r"\b(?:make|get)\b.{0,300}\btests?\b.{0,300}\b(?:pass|passing|green|work)\b",
    r"\bfind\b.{0,300}\b(?:fault|bug)\b",
    r"^\s*(?:fix|repair)\s*(?:it|that|this)?" + _END,
    r"(?:اصلح|صلح|صحح|عالج|حل)\b.{0,300}(?:اختبار|خطا|الخلل|عطل|مشكل|ه\b)",
    r"اجعل.{0,300}الاختبارات.{0,300}(?:تنجح|تمر)",
)
_RUN_TESTS = _compiled(
    r"\b(?:run|execute|start|launch|try)\b.{0,300}\b(?:tests?|test suite|pytest|suite|unit tests)\b",
    r"\bdo(?:es)? (?:all )?(?:the |these |our )?tests? (?:still )?(?:pass|work)\b",
    r"\b(?:which|what|why)\b.{0,300}\btests?\b.{0,300}\b(?:fail|fails|failing|red|broken)\b",
    r"\b(?:find|show|list)\b.{0,300}\b(?:failing|failed|broken|red) tests?\b",
    r"\bwhy (?:does|do|is|are)\b.{0,300}\bfail",
    r"^\s*(?:run )?(?:the )?tests?" + _END,
    r"(?:شغل|نفذ|اجر|جرب)\b.{0,300}(?:اختبار)",
)
_RUN_COMMAND = _compiled(
    r"\b(?:run|execute)\b(?: the)?(?: shell)?(?: command)?[:\s]+`(?P<command>[^`\n]+)`",
    r"\b(?:run|execute)\b(?: the)?(?: shell)? command[:\s]+(?P<command>[^`\n]+)$",
    r"(?:شغل|نفذ)(?: الامر)?[:\s]+`(?P<command>[^`\n]+)`",
)
_RENAME = _compiled(
    r"\brename\b\s+(?:the\s+)?(?:function|class|method|variable|constant|name|parameter|module|symbol)?\s*"
    + _NAME.format("old") + r"\s+(?:to|as|into|->|→)\s+" + _NAME.format("new") + r"(?:\s+(?:in|within|inside)\s+" + _PATH + ")?",
    r"(?:اعد تسميه|غير اسم|سم)\s+(?:الداله|الصنف|المتغير)?\s*" + _NAME.format("old") + r"\s+(?:الي|ب)\s*" + _NAME.format("new")
    + r"(?:\s+في\s+(?:الملف\s+)?" + _PATH + ")?",
)  # fmt: skip
_REPLACE = _compiled(
    r"\bin\s+(?:the\s+file\s+)?" + _PATH + r",?\s+(?:replace|change)\s+" + _term("old") + r"\s+(?:with|to|by|->|→)\s+" + _term("new"),
    r"\b(?:replace|change|swap|substitute|turn)\b\s+(?:the\s+)?(?:text|string|word|line|value)?\s*" + _term("old")
    + r"\s+(?:with|to|by|into|for|->|→)\s+" + _term("new") + r"(?:\s+(?:in|within|inside|of)\s+(?:the\s+file\s+)?" + _PATH + ")?",
    r"(?:استبدل|بدل|غير)\s+" + _term("old") + r"\s+(?:ب|الي)\s*[-ـ]?\s*" + _term("new") + r"(?:\s+في\s+(?:الملف\s+)?" + _PATH + ")?",
)  # fmt: skip
_CREATE = _compiled(
    r"\b(?:create|write|add|make)\b\s+(?:a\s+|the\s+)?(?:new\s+)?(?:file\s+)?(?:called\s+|named\s+)?" + _PATH
    + r"\s*(?:,|:)?\s*(?:with|containing|that (?:says|contains|reads)|saying)\s*(?:the\s+)?(?:content|contents|text|following|line|lines)?\s*:?\s*(?P<content>.+)",
    r"(?:انشئ|اكتب|اضف)\s+(?:ملفا?|الملف)?\s*(?:باسم\s+)?" + _PATH
    + r"\s*(?:يحتوي(?: علي)?|فيه|ب?محتوي|بالنص|ومحتواه)\s*:?\s*(?P<content>.+)",
)  # fmt: skip
_EXPLAIN = _compiled(
    r"\b(?:explain|describe|summari[sz]e|outline|walk me through|tell me about|what(?:'s| is) in)\b\s+(?:to me\s+)?(?:the\s+)?(?:file\s+|module\s+|function\s+|class\s+|method\s+)?(?:how\s+)?"
    + _term("what"),
    r"\bwhat (?:does|do)\s+(?:the\s+)?(?:file\s+|module\s+|function\s+|class\s+)?" + _term("what") + r"\s+do\b",
    r"(?:اشرح|فسر|صف|لخص)\s+(?:لي\s+)?(?:الملف\s+|ملف\s+|الداله\s+)?" + _term("what"),
)  # fmt: skip
_OVERVIEW = _compiled(
    r"\b(?:list|show|what are)\b.{0,300}\b(?:files|folder|directory|tree)\b",
    r"\b(?:what(?:'s| is)|describe|explain|summari[sz]e|tell me about|overview of|look at|explore)\b.{0,300}\b(?:this|the|here|my|our)?\s*(?:repo|repository|project|codebase|code base|folder|directory|workspace)\b",
    r"\bwhat(?:'s| is) (?:in )?(?:here|this)" + _END,
    r"^\s*(?:ls|overview)" + _END,
    r"(?:اعرض|اسرد|ما هي|اظهر)\s+.{0,300}(?:ملفات)",
    r"(?:ما هذا|ما هو هذا|اشرح|صف|لخص)\s+.{0,300}(?:المشروع|المستودع|المجلد)",
)
_FIND = _compiled(
    r"\b(?:find|locate|search(?: for)?|look for|look up|grep(?: for)?)\b\s+(?:me\s+)?(?:where\s+(?:the\s+|is\s+|are\s+)?|all\s+|every\s+)?(?:the\s+)?(?:uses?\s+of\s+|usages?\s+of\s+|occurrences?\s+of\s+|definition\s+of\s+|calls?\s+(?:of|to)\s+)?(?P<what>.+)",
    r"\bwhere\b\s+(?:is|are|do|does|can i find|'s)\s+(?:we\s+|the\s+|a\s+|an\s+)?(?P<what>.+)",
    r"\bwho (?:calls|uses)\s+(?P<what>.+)",
    r"(?:ابحث(?: عن)?|جد|اين(?: يوجد| تعرف| يعرف| هو| هي)?)\s+(?P<what>.+)",
)
_CALL = _compiled(
    r"\b(?:call|use|invoke)\b\s+(?:the\s+)?(?:tool\s+|function\s+)?[`'\"]?(?P<name>\w+)[`'\"]?(?:\s+tool)?\s*(?:with|:)?\s*(?P<arguments>\{.*\})",
)
_CALL_HEAD = re.compile(
    r"\b(?:call|use|invoke)\b\s+(?:the\s+)?(?:tool\s+|function\s+)?[`'\"]?(?P<name>\w+)[`'\"]?(?:\s+tool)?\s*(?:with|:)?\s*(?=\{)",
    re.IGNORECASE,
)
_JSON = json.JSONDecoder()
_DELEGATE = _compiled(
    r"\b(?:use|start|send|ask|let|with|have)\b.{0,30}\bsub-?agents?\b.{0,20}?(?:\bto\b|\bfor\b|:)\s*(?P<what>.{1,2000})"
)
_QUOTATION = re.compile(r"`[^`]*`|\"[^\"]*\"|'[^']*'")
_BETWEEN = re.compile(r"\s*(?:,|;|\n)\s*(?:and\s+)?|\s+and\s+", re.IGNORECASE)
_VERB = re.compile(r"(?:look|search|grep)\s+(?:for|up)|\w+")
_WHO = _compiled(
    r"\b(?:who|what) are you\b",
    r"\b(?:who|what company) (?:made|built|created|trained) you\b",
    r"\b(?:what|which)\s+(?:language |ai |kind of )?(?:model|llm|ai)\b.{0,40}\b(?:you|this|answering|talking|behind)\b",
    r"\bare you\b.{0,40}\b(?:gpt|chatgpt|claude|llm|ai|model|human|person|robot|bot|gemini|llama|mistral|deepseek|qwen|grok)\b",
    r"\b(?:say|tell me|pretend|claim)\b.{0,20}\b(?:that )?you(?:'re| are)\b",
    r"(?:من انت|ما انت|هل انت|من صنعك|ما هو النموذج|اي نموذج)",
)
_GREET = _compiled(
    r"^\s*(?:hi|hello|hey|good (?:morning|evening|day)|salam|salaam)\b",
    r"\b(?:what can you do|help|how do you work)",
    r"^\s*(?:مرحبا|اهلا|السلام عليكم|صباح الخير|هلا)",
    r"(?:ماذا (?:يمكنك|تستطيع)|ما الذي يمكنك|مساعده|ساعدني)",
)
_CONTINUE = _compiled(
    r"^\s*(?:continue|go on|carry on|proceed|resume|keep going|try again|retry|اكمل|استمر|تابع|واصل)\b[^\n]{0,30}$"
)
_CONSENT = _compiled(
    r"^\s*(?:yes|yep|yeah|ok|okay|sure|do it|go ahead|please do|yes,? please|please|نعم|اجل|حسنا|تمام|موافق)[\s,.!]*(?:please|do it|go ahead)?[.!]*\s*$"
)
_THANKS = _compiled(r"^\s*(?:thanks|thank you|thx|great|perfect|nice|well done|شكرا)\b")
_STOP = _compiled(r"^\s*(?:stop|cancel|never ?mind|no|لا|توقف)" + _END)

_ARABIC = re.compile(r"[\u0621-\u064a]")
_MARKS = re.compile(r"[\u064b-\u0652\u0670\u0640]")
_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي"})
_IDENTIFIER = re.compile(r"[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*(?:\(\))?")
_FENCE = re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL)
_ATTACHED = re.compile(r"<(file|attachment|stdin|context|system-reminder)\b.*?</\1>", re.DOTALL)
_STEP = re.compile(r"(?:,?\s+and\s+then\s+|,?\s+then\s+|\s*;\s*|(?<=[^\s])\.\s+(?=[A-Z\u0621-\u064a])|\n+|,?\s+and\s+(?=(?:run|fix|find|explain|rename|replace|list|show|create|make)\b)|\s+ثم\s+)", re.IGNORECASE)  # fmt: skip


def understood(message: str) -> list[Task]:
    """The tasks of `message`, in order; one `Unknown` where it is not understood."""
    text = _ATTACHED.sub("", message).strip()
    whole = _task(text)
    if len(calls := _calls(text)) > 1:
        return [CallTools(calls)]
    if isinstance(whole, Fix | Create | CallTool | Delegate):
        return [whole]  # "find the bug, fix it and run the tests" is one task; a file's content is nobody's steps
    parts = [part for part in _STEP.split(text) if part.strip()]
    tasks = [_task(part) for part in parts]
    if 1 < len(tasks) <= 6 and not any(isinstance(task, Unknown | Continue | Stop | Thanks) for task in tasks):
        return [task for task in tasks if not isinstance(task, Greet)] or [whole]
    if not isinstance(whole, Unknown):
        return [whole]
    known: list[Task] = [task for task in tasks if not isinstance(task, Unknown)]
    return known[:1] or [whole]


def _calls(text: str) -> list[CallTool]:
    """All the calls that `text` spells out; a JSON object ends where JSON says, whatever follows it."""
    calls: list[CallTool] = []
    place = 0
    while len(calls) < MAX_CALLS and (found := _CALL_HEAD.search(text, place)):
        try:
            _, place = _JSON.raw_decode(text, found.end())
        except ValueError:
            return []  # which then is the only call, and is told what is wrong
        calls.append(CallTool(found["name"], text[found.end() : place]))
    return calls


def is_arabic(text: str) -> bool:
    """Whether most letters of `text` are Arabic."""
    letters = sum(character.isalpha() for character in text)
    return bool(letters) and len(_ARABIC.findall(text)) * 2 > letters


def _task(text: str) -> Task:
    arabic = is_arabic(text)
    plain, origin = _plain(text)
    for patterns, made in _RULES:
        for pattern in patterns:
            if (match := pattern.search(plain)) and (task := made(_Found(match, text, origin))) is not None:
                return task
    if any(pattern.search(plain) for pattern in _WHO):
        return Introduce(arabic)
    if any(pattern.search(plain) for pattern in _GREET):
        return Greet(arabic)
    return Unknown(arabic)


def _plain(text: str) -> tuple[str, list[int]]:
    """`text` with Arabic vowel marks left out and letter variants made one, and where each character was."""
    if not _ARABIC.search(text):
        return text, list(range(len(text) + 1))
    kept = [place for place, character in enumerate(text) if not _MARKS.match(character)]
    return "".join(text[place] for place in kept).translate(_LETTERS), [*kept, len(text)]


def _delegate(found: _Found) -> Task | None:
    """ "find A and B" are two tasks: what has no verb of its own has that of the first."""
    what = found["what"].strip().rstrip(".!")
    masked = _QUOTATION.sub(lambda quoted: "x" * len(quoted[0]), what)
    ends = [0, *(place for between in _BETWEEN.finditer(masked) for place in between.span()), len(what)]
    parts = [what[start:end].strip() for start, end in zip(ends[::2], ends[1::2], strict=True)]
    parts = [part for part in parts if part][:MAX_CALLS]
    verb = _VERB.match(parts[0]) if parts else None
    if verb is None:
        return None
    prompts = [part if not isinstance(_task(part), Unknown) else f"{verb[0]} {part}" for part in parts]
    prompts[0] = parts[0]
    looking = Find | Explain | Overview
    return Delegate([Delegated("explore" if isinstance(_task(one), looking) else "general", one) for one in prompts])


def _rename(found: _Found) -> Task | None:
    return Rename(found["old"], found["new"].rstrip("."), found.path)


def _replace(found: _Found) -> Task | None:
    (old, quoted), (new, _) = found.term("old"), found.term("new")
    if not quoted and (found.path is None or old.lower() in _EMPTY_WORDS):
        return None  # "change the colour to red" names no text to look for, nor where
    return Replace(old, new if quoted else new.rstrip(".,!"), found.path)


def _create(found: _Found) -> Task | None:
    path = found.path or ""
    if fenced := _FENCE.search(found.text, found.start("path")):
        return Create(path, fenced[1])
    content = found["content"].strip()
    for quotes in ("``", '""', "''", "“”", "«»"):
        bare = content.rstrip(".")
        if len(bare) > 1 and bare[0] == quotes[0] and bare[-1] == quotes[1]:
            content = bare[1:-1]
            break
    return Create(path, content.replace("\\n", "\n") + "\n")


def _explain(found: _Found) -> Task | None:
    what = found.term("what")[0].rstrip(".,?!؟:")
    return None if not what or what.lower() in _EMPTY_WORDS else Explain(what)


def _find(found: _Found) -> Task | None:
    what = found["what"].strip()
    if quoted := re.search(_QUOTED.format("q"), what):
        return Find(next(value for value in quoted.groups() if value is not None), exact=True)
    what = _WHEREABOUTS.sub("", what)
    what = _PARTICIPLE.sub("", what).rstrip(".?!؟ ")
    if not what or what.lower() in _EMPTY_WORDS:
        return None
    single = _IDENTIFIER.fullmatch(what) is not None or _FILE_NAME.fullmatch(what) is not None
    return Find(what.removesuffix("()"), exact=single)


_EMPTY_WORDS = {
    "this",
    "that",
    "it",
    "me",
    "us",
    "how",
    "why",
    "what",
    "the",
    "a",
    "all",
    "every",
    "my",
    "your",
    "yourself",
    "you",
    "to",
}
_WHEREABOUTS = re.compile(
    r"\s+(?:in|within|inside)\s+(?:this|the|my|our)\s+(?:repo|repository|project|code|codebase)\b.*$", re.IGNORECASE
)
_PARTICIPLE = re.compile(
    r"(?:\s+(?:is|are|gets?|being))?\s+(?:defined|used|called|implemented|located|declared|set|handled|configured|computed|parsed|done)?"
    + _END,
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"[\w./-]+\.\w+")

_RULES: list[tuple[list[re.Pattern[str]], Callable[[_Found], Task | None]]] = [
    (_CONTINUE, lambda found: Continue()),
    (_CONSENT, lambda found: Continue(consent=True)),
    (_STOP, lambda found: Stop()),
    (_CALL, lambda found: CallTool(found["name"], found["arguments"])),
    (_DELEGATE, _delegate),
    (_CREATE, _create),
    (_RENAME, _rename),
    (_REPLACE, _replace),
    (_RUN_COMMAND, lambda found: RunCommand(found["command"].strip())),
    (_FIX, lambda found: Fix()),
    (_RUN_TESTS, lambda found: RunTests()),
    (_OVERVIEW, lambda found: Overview()),
    (_EXPLAIN, _explain),
    (_FIND, _find),
    (_THANKS, lambda found: Thanks()),
]
