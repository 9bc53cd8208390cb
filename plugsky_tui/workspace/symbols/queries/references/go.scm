(call_expression function: [(identifier) @reference (selector_expression field: (field_identifier) @member)])
(type_identifier) @reference
(argument_list [(identifier) @reference (selector_expression field: (field_identifier) @member)])
(selector_expression operand: (identifier) field: (field_identifier) @member)
