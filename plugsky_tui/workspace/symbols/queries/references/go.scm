(call_expression function: [(identifier) @name (selector_expression field: (field_identifier) @member)])
(type_identifier) @name
(argument_list [(identifier) @name (selector_expression field: (field_identifier) @member)])
(selector_expression operand: (identifier) field: (field_identifier) @member)
