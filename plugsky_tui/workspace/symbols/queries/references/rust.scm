(call_expression function: [
  (identifier) @reference
  (scoped_identifier name: (identifier) @member)
  (field_expression field: (field_identifier) @member)
  (generic_function function: [(identifier) @reference (scoped_identifier name: (identifier) @member) (field_expression field: (field_identifier) @member)])
])
(macro_invocation macro: [(identifier) @reference (scoped_identifier name: (identifier) @member)])
(type_identifier) @reference
(use_list [(identifier) @reference (scoped_identifier name: (identifier) @member) (use_as_clause path: (identifier) @reference)])
(use_declaration argument: (scoped_identifier name: (identifier) @member))
(scoped_identifier path: (identifier) @reference)
(arguments [(identifier) @reference (scoped_identifier name: (identifier) @member)])
