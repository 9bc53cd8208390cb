(method_invocation name: (identifier) @reference)
(method_invocation object: (identifier) @reference)
(method_reference (identifier) @reference)
(field_access object: (identifier) @reference)
(type_identifier) @reference
(import_declaration (scoped_identifier name: (identifier) @reference))
(marker_annotation name: (identifier) @reference)
(annotation name: (identifier) @reference)
