(call_expression function: [(identifier) @reference (field_expression field: (field_identifier) @reference)])
(type_identifier) @reference
(argument_list (identifier) @reference)
(init_declarator value: (identifier) @reference)
(initializer_list (identifier) @reference)
