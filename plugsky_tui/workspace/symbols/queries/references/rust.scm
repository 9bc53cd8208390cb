(call_expression function: [
  (identifier) @name
  (scoped_identifier name: (identifier) @member)
  (field_expression field: (field_identifier) @member)
  (generic_function function: [(identifier) @name (scoped_identifier name: (identifier) @member) (field_expression field: (field_identifier) @member)])
])
(macro_invocation macro: [(identifier) @name (scoped_identifier name: (identifier) @member)])
(type_identifier) @name
(use_list [(identifier) @name (scoped_identifier name: (identifier) @member) (use_as_clause path: (identifier) @name)])
(use_declaration argument: (scoped_identifier name: (identifier) @member))
(scoped_identifier path: (identifier) @name)
(arguments [(identifier) @name (scoped_identifier name: (identifier) @member)])
