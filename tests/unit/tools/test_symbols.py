"""symbols: definitions, uses, outlines and the map, as the model is given them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugsky_tui.kernel.ports import ReadPath
from plugsky_tui.workspace.symbols.tokens import estimate


@pytest.fixture
def shop(ws):
    ws.put(".gitignore", "build/\n")
    ws.put(
        "shop/stock.py",
        "class Stock:\n    def take(self, item):\n        return item\n\n\ndef find_stock(name):\n    return Stock()\n",
    )
    ws.put(
        "shop/orders.py",
        "from shop.stock import Stock, find_stock\n\n\nclass Order:\n    def fill(self):\n        return find_stock('a').take(1)\n",
    )
    ws.put(
        "shop/web.py",
        "from shop.stock import find_stock\n\n\ndef view():\n    # find_stock is slow\n    return find_stock('find_stock')\n",
    )
    ws.put("tests/test_orders.py", "from shop.orders import Order\n\n\ndef test_fill():\n    assert Order().fill()\n")
    ws.put("web/app.ts", "export function render(a: number): void {}\n")
    ws.put("build/made.py", "def find_stock(): pass\n")
    ws.put("README.md", "find_stock\n")
    return ws


async def test_a_name_is_answered_with_its_definitions_and_uses(shop) -> None:
    output = (await shop("symbols", name="find_stock")).output
    assert output == (
        "Definitions of find_stock (1):\n"
        "shop/stock.py:6-7: def find_stock(name):\n"
        "Uses of the name (4 lines in 2 files):\n"
        "shop/orders.py:1: from shop.stock import Stock, find_stock\n"
        "shop/orders.py:6: return find_stock('a').take(1)\n"
        "shop/web.py:1: from shop.stock import find_stock\n"
        "shop/web.py:6: return find_stock('find_stock')"
    )


@pytest.mark.parametrize(
    "name", ["Stock.take", "Stock::take", "stock.Stock.take", "Stock#take", "Stock.take()", "take"]
)
async def test_a_method_may_be_named_with_its_class_in_any_languages_way(shop, name) -> None:
    output = (await shop("symbols", name=name)).output
    assert "shop/stock.py:2-3: Stock.take: def take(self, item):" in output
    assert "shop/orders.py:6: return find_stock('a').take(1)" in output


async def test_a_class_without_that_method_is_told_of_the_others(shop) -> None:
    output = (await shop("symbols", name="Order.take")).output
    assert output.startswith("There is no Order.take. Others of that name (1):\nshop/stock.py:2-3: Stock.take:")


async def test_a_path_narrows_where_is_looked(shop) -> None:
    output = (await shop("symbols", name="find_stock", path="shop/web.py")).output
    assert "find_stock is defined in no source file here" in output
    assert "Uses of the name (2 lines in 1 files)" in output
    assert "orders.py" not in output


@pytest.mark.parametrize(
    ("name", "meant"), [("FIND_STOCK", "find_stock"), ("findStock", "find_stock"), ("Stok", "Stock")]
)
async def test_a_name_that_is_not_there_is_answered_with_the_nearest(shop, name, meant) -> None:
    output = (await shop("symbols", name=name)).output
    assert output.startswith(f"No symbol {name} in 5 source files. Did you mean ")
    assert meant in output
    assert "use grep" in output


async def test_many_uses_are_counted_some_shown_and_the_rest_kept_in_a_file(shop) -> None:
    for number in range(150):
        shop.put(f"many/m{number:03}.py", "find_stock()\n" * 7)
    output = (await shop("symbols", name="find_stock")).output
    assert "Uses of the name (1,054 lines in 152 files):" in output
    assert "many/m000.py:5: find_stock()  (and 2 more in this file)" in output
    assert len(output.splitlines()) < 120
    kept = re.search(r"all of them are in (\S+);", output)
    assert kept is not None
    assert "many/m149.py:7: find_stock()" in Path(kept[1]).read_text()
    assert "1,0" in output
    assert (await shop("read", file_path=kept[1], limit=3)).output


async def test_a_file_without_a_name_gives_its_outline(shop) -> None:
    output = (await shop("symbols", path="shop/stock.py")).output
    assert output == (
        "shop/stock.py\n  1-3: class Stock:\n    2-3: def take(self, item):\n  6-7: def find_stock(name):"
    )


async def test_a_long_outline_is_cut_and_the_whole_kept(shop) -> None:
    shop.put("long.py", "".join(f"def function_number_{n}(argument, another):\n    pass\n" for n in range(2000)))
    output = (await shop("symbols", path="long.py")).output
    assert len(output) < 32_000
    kept = re.search(r"more definitions; all of them are in (\S+)\)", output)
    assert kept is not None
    assert "function_number_1999" in Path(kept[1]).read_text()


async def test_the_map_has_what_others_use_first(shop) -> None:
    output = (await shop("symbols")).output
    assert output.splitlines()[:3] == ["shop/stock.py", "  1: class Stock:", "    2: def take(self, item):"]
    assert "  6: def find_stock(name):" in output
    assert output.index("shop/orders.py") < output.index("tests/test_orders.py")
    assert "web/app.ts\n  1: function render(a: number): void" in output
    assert "build/" not in output


@pytest.mark.parametrize("budget", [40, 100, 300, 1000, 100_000])
async def test_the_map_stays_within_its_budget(shop, budget) -> None:
    for number in range(40):
        shop.put(f"more/m{number}.py", f"from shop.stock import find_stock\ndef function_{number}(): find_stock()\n")
    output = (await shop("symbols", budget_tokens=budget)).output
    assert estimate(output) <= budget
    assert ("of 45 files" in output) == (budget in (100, 300))
    assert "def find_stock(name):" in output


async def test_a_budget_too_small_for_anything_says_so(shop) -> None:
    assert (await shop("symbols", budget_tokens=3)).output.startswith("Nothing fits into 3 tokens: send a larger")


async def test_the_map_is_the_same_every_time(shop) -> None:
    first = (await shop("symbols")).output
    assert (await shop("symbols")).output == first
    for path in shop.path.parent.rglob("*.sqlite"):
        path.unlink()
    assert (await shop("symbols")).output == first


async def test_the_map_of_a_folder_has_that_folder_only(shop) -> None:
    output = (await shop("symbols", path="web")).output
    assert output == "web/app.ts\n  1: function render(a: number): void"


async def test_focus_puts_what_the_task_is_about_first(shop) -> None:
    for number in range(6):
        shop.put(f"use{number}.py", "from shop.stock import find_stock\nfind_stock()\n")
    shop.put("rare/thing.py", "def seldom_used():\n    pass\n")
    shop.put("rare/user.py", "from rare.thing import seldom_used\nseldom_used()\n")
    plain = (await shop("symbols")).output
    assert plain.index("find_stock") < plain.index("seldom_used")
    for focus in (["rare/user.py"], ["seldom_used"], ["rare"]):
        focused = (await shop("symbols", focus=focus)).output
        assert focused.index("seldom_used") < focused.index("find_stock"), focus


async def test_files_the_model_has_read_are_in_focus(shop) -> None:
    shop.put("rare/thing.py", "def seldom_used():\n    pass\n")
    shop.put("rare/user.py", "from rare.thing import seldom_used\nseldom_used()\n")
    plain = (await shop("symbols")).output
    assert plain.index("find_stock") < plain.index("seldom_used")
    await shop("read", file_path="rare/user.py")
    focused = (await shop("symbols")).output
    assert focused.index("seldom_used") < focused.index("find_stock")


async def test_a_workspace_without_source_says_so_and_what_to_do(ws) -> None:
    assert "There is no source code in ." in (await ws("symbols")).output
    ws.put("notes.md", "# notes")
    output = (await ws("symbols", name="x")).output
    assert "There is no source code in ." in output
    assert "grep" in output


async def test_errors_name_the_next_step(shop) -> None:
    assert "does not exist" in await shop.fails("symbols", path="nowhere")
    assert "list or glob" in await shop.fails("symbols", path="nowhere")
    assert "Look at it with read or grep" in await shop.fails("symbols", path="README.md")
    assert "for text use grep" in await shop.fails("symbols", name="a\nb")
    assert "for text use grep" in await shop.fails("symbols", name="::")
    assert "at least 1" in await shop.fails("symbols", budget_tokens=0)
    shop.put("min.js", "var a=1;" * 5000)
    output = (await shop("symbols", path="min.js")).output
    assert "min.js is minified" in output
    assert "read" in output


async def test_an_outline_says_where_it_may_be_incomplete(shop) -> None:
    shop.put("broken.py", "def before(): pass\ndef broken(:\n    ][\ndef after(): pass\n")
    output = (await shop("symbols", path="broken.py")).output
    assert "could not be parsed" in output
    assert "def before" in output


async def test_it_asks_for_leave_to_read_what_it_looks_at(shop, tmp_path) -> None:
    prepared = await shop.prepare("symbols", path="shop")
    assert list(prepared.needs) == [ReadPath(str(shop.path / "shop"))]
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "a.py").write_text("def far_away(): pass\n")
    prepared = await shop.prepare("symbols", path=str(outside))
    assert list(prepared.needs) == [ReadPath(str(outside))]
    result = await prepared.act(shop.live.append)
    assert result.output == f"{outside}/a.py\n  1: def far_away():"


async def test_files_that_may_not_be_read_are_not_shown(shop) -> None:
    secret = str(shop.path / "shop/stock.py")
    shop.context.may_read = lambda path: path != secret
    assert "class Stock" not in (await shop("symbols")).output
    output = (await shop("symbols", name="find_stock")).output
    assert "stock.py:" not in output
    assert "shop/web.py:6" in output


async def test_secrets_are_named_but_not_parsed(shop) -> None:
    shop.put(".aws/deploy.py", "def upload_key(): pass\n")
    output = (await shop("symbols")).output
    assert "upload_key" not in output
    assert "since they may hold secrets: .aws/deploy.py" in output


async def test_a_cache_with_nonsense_in_it_is_made_again(shop) -> None:
    import sqlite3

    expected = (await shop("symbols")).output
    [path] = shop.path.parent.rglob("*.sqlite")
    for nonsense in ("{}", "[1]", "rubbish", '{"d":[[1]],"r":{},"m":{},"g":0,"e":0}'):
        with sqlite3.connect(path) as db:
            db.execute("UPDATE tags SET body = ?", (nonsense,))
        assert (await shop("symbols")).output == expected
        with sqlite3.connect(path) as db:
            db.execute("UPDATE graphs SET body = x'00'")
        assert (await shop("symbols")).output == expected
