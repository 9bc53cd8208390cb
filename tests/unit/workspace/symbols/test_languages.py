"""What is found in a file of each language: definitions with their signatures, and what is used."""

from __future__ import annotations

import textwrap

import pytest

from plugsky_tui.workspace.symbols.extract import extract
from plugsky_tui.workspace.symbols.languages import LANGUAGES, language_named, language_of, language_within
from plugsky_tui.workspace.symbols.render import outline
from plugsky_tui.workspace.symbols.tags import FileTags
from plugsky_tui.workspace.symbols.uses import find_uses

SAMPLES = {
    "python": (
        """
        import os
        from shop.stock import Stock, count as tally
        LIMIT: int = 3
        Name = str

        @register(LIMIT)
        class Queue(Base, mod.Other):
            size = 0

            async def push(
                self, item: Item,
            ) -> list[Out]:  # a comment
                def inner(): ...
                LOCAL = 1
                return helper(item, key=self.rank)

        try:
            import fast
        except ImportError:
            fast = None
        type Pair = tuple[int, int]
        """,
        [
            "  4: LIMIT: int = 3",
            "  5: Name = str",
            "  8-16: class Queue(Base, mod.Other):",
            "    11-16: async def push( self, item: Item, ) -> list[Out]:",
            "      14: def inner():",
            "  22: type Pair = tuple[int, int]",
        ],
        {"Stock", "count", "register", "Base", "Item", "Out", "helper"},
        {"Other"},
    ),
    "javascript": (
        """
        import Def, { one, two as three } from "./x";
        export default class Queue extends Base {
          #secret() { return 1; }
          static push(item) { helper(item); this.other(); return new Item(); }
          later = () => { };
        }
        export const make = async (a, b) => {
          function inner() {}
        };
        const LIMIT = 3, wide = 4;
        function* walk(tree) { yield tree; }
        exports.open = function (path) { };
        const view = <Panel title="x"><Row.Cell /></Panel>;
        """,
        [
            "  3-7: class Queue extends Base",
            "    4: #secret()",
            "    5: static push(item)",
            "    6: later = ()",
            "  8-10: make = async (a, b)",
            "    9: function inner()",
            "  11: LIMIT = 3",
            "  11: wide = 4",
            "  12: function* walk(tree)",
            "  13: exports.open = function (path)",
            '  14: view = <Panel title="x"><Row.Cell /></Panel>',
        ],
        {"Def", "one", "two", "Base", "helper", "Item", "Panel"},
        {"other", "Cell"},
    ),
    "typescript": (
        """
        import { one } from "./x";
        export interface Shape<T> extends Base<T> { area(unit: Unit): number; name: string }
        export type Pair = [One, Two];
        export enum Colour { Red, Green }
        export abstract class Queue<T> extends Parent implements Shape<T> {
          private items: T[] = [];
          abstract size(): number;
          push(item: Item): void { helper(item); }
          later = (a: string) => { };
        }
        namespace Outer.Inner { export function deep(): void {} }
        declare function given(a: number): void;
        export const make = (a: number): Queue<Item> => new Real(a);
        """,
        [
            "  3: interface Shape<T> extends Base<T>",
            "    3: area(unit: Unit): number",
            "  4: type Pair = [One, Two]",
            "  5: enum Colour",
            "  6-11: abstract class Queue<T> extends Parent implements Shape<T>",
            "    8: abstract size(): number",
            "    9: push(item: Item): void",
            "    10: later = (a: string)",
            "  12: namespace Outer.Inner",
            "    12: function deep(): void",
            "  13: function given(a: number): void",
            "  14: make = (a: number): Queue<Item>",
        ],
        {"one", "Base", "Unit", "One", "Two", "Parent", "Item", "helper", "Real"},
        set(),
    ),
    "go": (
        """
        package shop

        import "fmt"

        const Limit, Other = 1, 2

        var (
            table = map[string]int{}
        )

        type Queue[T any] struct {
            items []Item
        }

        type Shape interface {
            Area(unit Unit) float64
        }

        type Name = string
        type Count int

        func New(size int) (*Queue[int], error) {
            fmt.Println(size)
            return build(Config{Size: Limit}), nil
        }

        func (q *Queue[T]) Push(item Item) { q.grow() }
        """,
        [
            "  6: Limit, Other = 1, 2",
            "  9: table = map[string]int{}",
            "  12-14: Queue[T any] struct",
            "  16-18: Shape interface",
            "    17: Area(unit Unit) float64",
            "  20: Name = string",
            "  21: Count int",
            "  23-26: func New(size int) (*Queue[int], error)",
            "  28: func (q *Queue[T]) Push(item Item)",
        ],
        {"Item", "Unit", "Queue", "Config", "build"},
        {"Println", "grow"},
    ),
    "rust": (
        """
        use crate::stock::{Stock, count};
        pub mod inner { pub fn deep() {} }
        #[derive(Debug)]
        pub struct Queue<T> { items: Vec<T> }
        pub enum Colour { Red, Green }
        pub trait Shape: Base { fn area(&self) -> f64; fn twice(&self) -> f64 { helper(2.0) } }
        impl<T> Shape for Queue<T> {
            fn area(&self) -> f64 { self.grow(); stock::build(1); shout!("x"); 0.0 }
        }
        macro_rules! shout { () => {} }
        pub const LIMIT: usize = 3;
        static TABLE: [u8; 1] = [0];
        type Name = String;
        """,
        [
            "  3: pub mod inner",
            "    3: pub fn deep()",
            "  5: pub struct Queue<T>",
            "  6: pub enum Colour",
            "  7: pub trait Shape: Base",
            "    7: fn area(&self) -> f64",
            "    7: fn twice(&self) -> f64",
            "  8-10: impl<T> Shape for Queue<T>",
            "    9: fn area(&self) -> f64",
            "  11: macro_rules! shout { () => {} }",
            "  12: pub const LIMIT: usize = 3",
            "  13: static TABLE: [u8; 1] = [0]",
            "  14: type Name = String",
        ],
        {"Stock", "count", "Base", "helper", "shout", "Shape"},
        {"grow", "build"},
    ),
    "java": (
        """
        package shop;
        import shop.stock.Stock;
        @Entity
        public class Queue<T> extends Base implements Shape {
            static final int LIMIT = 3;
            private int size;
            Queue(int size) { super(size); }
            @Override
            public Item push(Item item) throws Full { helper(item); other.grow(); return new Real(); }
            enum Colour { RED }
            record Pair(int a, int b) { }
            interface Inner { void go(); }
        }
        """,
        [
            "  5-14: @Entity public class Queue<T> extends Base implements Shape",
            "    6: static final int LIMIT = 3",
            "    8: Queue(int size)",
            "    10: @Override public Item push(Item item) throws Full",
            "    11: enum Colour",
            "    12: record Pair(int a, int b)",
            "    13: interface Inner",
            "      13: void go()",
        ],
        {"Stock", "Base", "Shape", "Item", "Full", "helper", "grow", "Real", "Override", "Entity"},
        set(),
    ),
    "c": (
        """
        #include "stock.h"
        #define LIMIT 3
        #define MAX(a, b) ((a) > (b) ? (a) : (b))
        struct queue { int size; };
        typedef struct queue queue_t;
        typedef int (*compare_fn)(const void *, const void *);
        enum colour { RED, GREEN };
        static const char *names[] = { "a" };
        char *make(const struct other *o);
        static queue_t *
        push(queue_t *q, item_t item)
        {
            int local = helper(item);
            return q->grow(q, local);
        }
        """,
        [
            "  3: #define LIMIT 3",
            "  4: #define MAX(a, b) ((a) > (b) ? (a) : (b))",
            "  5: struct queue",
            "  6: typedef struct queue queue_t",
            "  7: typedef int (*compare_fn)(const void *, const void *)",
            "  8: enum colour",
            '  9: static const char *names[] = { "a" }',
            "  10: char *make(const struct other *o)",
            "  12-16: static queue_t * push(queue_t *q, item_t item)",
        ],
        {"queue_t", "item_t", "helper", "grow", "other"},
        set(),
    ),
    "cpp": (
        """
        namespace shop {
        template <typename T> class Queue : public Base<T> {
         public:
          Queue();
          ~Queue();
          void push(const Item& item);
          int size() const { return helper(items); }
          bool operator==(const Queue& other) const;
        };
        using Name = std::string;
        enum class Colour { Red };
        }
        template <typename T>
        void shop::Queue<T>::push(const Item& item) { build<int>(item); other->grow(); util::run(); }
        """,
        [
            "  2-13: namespace shop",
            "    3-10: class Queue : public Base<T>",
            "      5: Queue()",
            "      6: ~Queue()",
            "      7: void push(const Item& item)",
            "      8: int size() const",
            "      9: bool operator==(const Queue& other) const",
            "    11: using Name = std::string",
            "    12: enum class Colour",
            "  15: void shop::Queue<T>::push(const Item& item)",
        ],
        {"Base", "Item", "helper", "build", "grow", "run"},
        set(),
    ),
    "bash": (
        """
        #!/bin/bash
        LIMIT=3
        readonly TABLE=a
        build() {
          local inner=1
          helper "$LIMIT" | sort
        }
        function clean { build; }
        trap clean EXIT
        """,
        [
            "  3: LIMIT=3",
            "  4: readonly TABLE=a",
            "  5-8: build()",
            "  9: function clean",
        ],
        {"helper", "LIMIT", "build", "clean"},
        set(),
    ),
    "ruby": (
        """
        module Shop
          class Queue < Stock::Base
            include Shape
            LIMIT = 3
            def self.make(size) = new(size)
            def full?
              helper(LIMIT)
              other.grow
            end
            alias_method :packed?, :full?
          end
        end
        """,
        [
            "  2-13: module Shop",
            "    3-12: class Queue < Stock::Base",
            "      5: LIMIT = 3",
            "      6: def self.make(size)",
            "      7-10: def full?",
        ],
        {"Stock", "Base", "Shape", "helper", "grow", "LIMIT"},
        set(),
    ),
}


def tags_of(name: str, text: str) -> FileTags:
    return extract(text.encode(), language_named(name))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_outline_has_each_definition_with_its_lines_and_signature(name: str) -> None:
    text, expected, _, _ = SAMPLES[name]
    assert outline(tags_of(name, textwrap.dedent(text))) == expected


@pytest.mark.parametrize("name", SAMPLES)
def test_names_that_are_used_are_found_and_those_after_a_dot_told_apart(name: str) -> None:
    text, _, plain, members = SAMPLES[name]
    tags = tags_of(name, textwrap.dedent(text))
    assert plain - set(tags.references) == set()
    assert members - set(tags.members) == set()
    assert not tags.errors


def test_every_language_has_a_sample_and_a_suffix_leads_to_one_language() -> None:
    assert {language.name for language in LANGUAGES} - {"tsx"} == set(SAMPLES)
    suffixes = [suffix for language in LANGUAGES for suffix in language.suffixes]
    assert len(suffixes) == len(set(suffixes))


def test_jsx_in_typescript_is_understood() -> None:
    tags = tags_of("tsx", "export const View = (props: Props) => <Panel><Row.Cell/></Panel>;\n")
    assert [each.name for each in tags.definitions] == ["View"]
    assert {"Panel", "Props"} <= set(tags.references)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.py", "python"),
        ("B.PYI", "python"),
        ("x.d.ts", "typescript"),
        ("Rakefile", "ruby"),
        ("a.py/readme", None),
        (".py", None),
        ("x.md", None),
        ("x", None),
    ],
)
def test_a_file_is_of_a_language_by_its_name(path: str, name: str | None) -> None:
    language = language_of(path)
    assert (language.name if language else None) == name


def test_a_header_is_cpp_where_it_says_so() -> None:
    header = language_of("queue.h")
    assert header is not None
    assert language_within(header, b"int push(void);\n").name == "c"
    assert language_within(header, b"#pragma once\nnamespace shop {\nclass Queue;\n}\n").name == "cpp"


def test_the_c_guard_of_a_header_hides_nothing() -> None:
    tags = tags_of("c", "#ifndef Q_H\n#define Q_H\nint push(int item);\n#ifdef X\nvoid pop(void);\n#endif\n#endif\n")
    assert [each.name for each in tags.definitions] == ["Q_H", "push", "pop"]


def test_what_cannot_be_parsed_costs_only_itself() -> None:
    tags = tags_of("python", "def before(): pass\n\ndef broken(:\n    ][\n\ndef after(): pass\n")
    assert {"before", "after"} <= {each.name for each in tags.definitions}
    assert tags.errors


def test_lines_are_right_with_windows_line_ends_and_names_in_any_script() -> None:
    tags = tags_of("python", "# größe\r\nclass Größe:\r\n    def 長さ(self):\r\n        pass\r\n")
    assert outline(tags) == ["  2-4: class Größe:", "    3-4: def 長さ(self):"]


def test_bytes_that_are_no_utf8_do_not_matter() -> None:
    tags = extract(b"# caf\xe9\ndef tea(): pass\n", language_named("python"))
    assert [each.name for each in tags.definitions] == ["tea"]


def test_a_method_is_qualified_by_its_class_wherever_that_is_said() -> None:
    for name in ("python", "go", "cpp", "rust", "ruby"):
        tags = tags_of(name, textwrap.dedent(SAMPLES[name][0]))
        full = {tags.qualified(place) for place in range(len(tags.definitions))}
        expected = {
            "python": "Queue.push",
            "go": "Queue.Push",
            "cpp": "shop.Queue.push",
            "rust": "Queue.area",
            "ruby": "Shop.Queue.full?",
        }
        assert expected[name] in full


def test_long_signatures_are_cut_and_control_characters_shown_as_such() -> None:
    tags = tags_of("python", f"def f({', '.join(f'a{n}' for n in range(200))}): pass\nx = '\x1b[31m'\n")
    assert all(len(each.signature) <= 160 for each in tags.definitions)
    assert tags.definitions[0].signature.endswith("…")
    assert tags.definitions[1].signature.isprintable()


def test_generated_files_are_recognised_by_what_they_say_in_a_comment() -> None:
    assert tags_of("go", "// Code generated by protoc-gen-go. DO NOT EDIT.\npackage a\n").generated
    assert not tags_of("python", 'NOTE = "generated by hand"\n').generated


def test_tags_survive_being_written_down() -> None:
    for name in SAMPLES:
        tags = tags_of(name, textwrap.dedent(SAMPLES[name][0]))
        assert FileTags.from_json(tags.to_json()) == tags
        assert "\n" not in tags.to_json()
        assert "\t" not in tags.to_json()


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("python", "push(1)\n# push\n'push'\nf'push {push}'\nx.push = pushed\n", [1, 4, 5]),
        ("javascript", "push(1); // push\n`push ${push}`;\n'push';\na = {push};\n", [1, 2, 4]),
        ("bash", "push a\necho push\necho 'push'\nb=$push\n", [1, 2, 4]),
        ("ruby", "push 1\n# push\n'push'\nbefore :push\n", [1, 4]),
        ("rust", "fn f() { push!(push); }\n// push\n", [1]),
        ("c", 'int a = push(1); /* push */\nchar *s = "push";\n', [1]),
    ],
)
def test_a_use_is_a_token_of_the_language_not_a_word_in_a_text(name: str, text: str, lines: list[int]) -> None:
    found = find_uses(text.encode(), language_named(name), "push")
    assert [line for line, _ in found] == lines


def test_part_of_a_longer_name_is_no_use() -> None:
    assert find_uses("pushed(push_back, ñpush, pushñ)\n".encode(), language_named("python"), "push") == []
