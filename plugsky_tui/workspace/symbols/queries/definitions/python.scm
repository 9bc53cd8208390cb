(class_definition name: (identifier) @name) @definition.class
(function_definition name: (identifier) @name) @definition.function
(type_alias_statement left: (type (identifier) @name)) @definition.type

; names bound at the top of a module, also under `if TYPE_CHECKING:` and `try:`
(module (expression_statement (assignment left: (identifier) @name) @definition.variable))
(module (expression_statement (assignment left: (pattern_list (identifier) @name)) @definition.variable))
(module (if_statement (block (expression_statement (assignment left: (identifier) @name) @definition.variable))))
(module (try_statement (block (expression_statement (assignment left: (identifier) @name) @definition.variable))))
