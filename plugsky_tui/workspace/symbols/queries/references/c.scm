(call_expression function: [(identifier) @name (field_expression field: (field_identifier) @name)])
(type_identifier) @name
(argument_list (identifier) @name)
(init_declarator value: (identifier) @name)
(initializer_list (identifier) @name)
