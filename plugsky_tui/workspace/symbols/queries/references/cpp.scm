(call_expression function: [
  (qualified_identifier name: [(identifier) @name (template_function name: (identifier) @name)])
  (template_function name: (identifier) @name)
  (field_expression field: (template_method name: (field_identifier) @name))
])
(qualified_identifier scope: (namespace_identifier) @name)
(argument_list (qualified_identifier name: (identifier) @name))
