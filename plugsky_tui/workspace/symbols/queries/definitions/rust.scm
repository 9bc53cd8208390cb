(struct_item name: (_) @name) @definition.struct
(enum_item name: (_) @name) @definition.enum
(union_item name: (_) @name) @definition.struct
(trait_item name: (_) @name) @definition.trait
(type_item name: (_) @name) @definition.type
(function_item name: (_) @name) @definition.function
(function_signature_item name: (_) @name) @definition.function
(mod_item name: (_) @name body: (_)) @definition.module
(macro_definition name: (_) @name) @definition.macro
(const_item name: (_) @name) @definition.constant
(static_item name: (_) @name) @definition.variable

; an impl is a place, not a definition of the type's name
(impl_item type: [
    (type_identifier) @name
    (generic_type type: [(type_identifier) @name (scoped_type_identifier name: (type_identifier) @name)])
    (scoped_type_identifier name: (type_identifier) @name)
  ]) @definition.impl
