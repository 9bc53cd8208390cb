"""What the agent says of itself. It never poses as a language model."""

from __future__ import annotations

from collections.abc import Collection

DISCLAIMER = "_I am plugsky's offline simulator: a rule-based stand-in, with no language model behind me._"
DISCLAIMER_AR = (
    "_أنا المحاكي المدمج في plugsky الذي يعمل دون اتصال: بديل قائم على القواعد، ولا يقف خلفي أي نموذج لغوي._"
)

ABILITIES = """I can work on this folder through the tools:

- **look**: `what is in this repo?`, `where is NAME?`, `explain src/app.py`
- **change**: `rename OLD to NEW in FILE`, `replace 'X' with 'Y' in FILE`, `create FILE with …`
- **test**: `run the tests`, `fix the failing test`, ``run `make lint` ``
- **call a tool**: `call NAME with {"key": "value"}`"""

ABILITIES_AR = """أستطيع العمل على هذا المجلد بواسطة الأدوات:

- **البحث والشرح**: `ما هذا المشروع؟`، `أين NAME؟`، `اشرح src/app.py`
- **التعديل**: `أعد تسمية OLD إلى NEW في FILE`، `استبدل 'X' بـ 'Y' في FILE`
- **الاختبارات**: `شغّل الاختبارات`، `أصلح الاختبار الفاشل`"""


def introduction(*, first: bool, arabic: bool) -> str:
    """For those who ask who is talking; `first`: the disclaimer is said before it anyway."""
    if arabic:
        return ABILITIES_AR if first else f"{DISCLAIMER_AR}\n\n{ABILITIES_AR}"
    return ABILITIES if first else f"{DISCLAIMER}\n\n{ABILITIES}"


def greeting(*, arabic: bool) -> str:
    if arabic:
        return f"مرحبا! {ABILITIES_AR}"
    return f"Hello! {ABILITIES}"


def not_understood(offered: Collection[str], *, arabic: bool) -> str:
    """For a message that fits no rule: what would, with two examples."""
    if arabic:
        return (
            "لم أفهم هذا الطلب: أتعرف على عدد قليل من المهام فقط. جرّب مثلا `أين NAME؟` أو `شغّل الاختبارات`.\n\n"
            + ABILITIES_AR
        )
    without = "" if offered else "\n\nThis conversation offers me no tools, so here I can only talk."
    return (
        "I did not understand that: I know a few tasks by rule, and nothing beyond them. "
        "Try `where is NAME?` or `run the tests`.\n\n" + ABILITIES + without
    )
