(class_specifier name: (_) @name body: (_)) @definition.class
(struct_specifier name: (template_type name: (type_identifier) @name) body: (_)) @definition.struct
(struct_specifier name: (qualified_identifier) @name body: (_)) @definition.struct
(enum_specifier name: (qualified_identifier) @name body: (_)) @definition.enum
(namespace_definition name: (_) @name) @definition.module
(alias_declaration name: (type_identifier) @name) @definition.type
(concept_definition name: (identifier) @name) @definition.type
(field_declaration declarator: [
    (function_declarator) @name
    (pointer_declarator (function_declarator)) @name
    (reference_declarator (function_declarator)) @name
  ]) @definition.prototype
(declaration declarator: (reference_declarator (function_declarator)) @name) @definition.prototype
