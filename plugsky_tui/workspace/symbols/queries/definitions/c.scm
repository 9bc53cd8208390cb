; the name lies somewhere inside the declarator: `int *(*f(void))[3]`
(function_definition declarator: (_) @name) @definition.function
(declaration declarator: [
    (function_declarator) @name
    (pointer_declarator (function_declarator)) @name
    (pointer_declarator (pointer_declarator (function_declarator))) @name
  ]) @definition.prototype
(declaration declarator: (init_declarator declarator: (_) @name)) @definition.variable
(struct_specifier name: (type_identifier) @name body: (_)) @definition.struct
(union_specifier name: (type_identifier) @name body: (_)) @definition.struct
(enum_specifier name: (type_identifier) @name body: (_)) @definition.enum
(type_definition declarator: (_) @name) @definition.type
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro
