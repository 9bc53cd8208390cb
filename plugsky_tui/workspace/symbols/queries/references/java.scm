(method_invocation name: (identifier) @name)
(method_invocation object: (identifier) @name)
(method_reference (identifier) @name)
(field_access object: (identifier) @name)
(type_identifier) @name
(import_declaration (scoped_identifier name: (identifier) @name))
(marker_annotation name: (identifier) @name)
(annotation name: (identifier) @name)
