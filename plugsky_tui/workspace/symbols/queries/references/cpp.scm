(call_expression function: [
  (qualified_identifier name: [(identifier) @reference (template_function name: (identifier) @reference)])
  (template_function name: (identifier) @reference)
  (field_expression field: (template_method name: (field_identifier) @reference))
])
(qualified_identifier scope: (namespace_identifier) @reference)
(argument_list (qualified_identifier name: (identifier) @reference))
