; Names passed on as arguments are left out: what comes from another file is imported by name, or stands after a dot.
(call function: [(identifier) @reference (attribute attribute: (identifier) @member)])
(import_from_statement name: [(dotted_name (identifier) @reference) (aliased_import name: (dotted_name (identifier) @reference))])
(class_definition superclasses: (argument_list [(identifier) @reference (attribute attribute: (identifier) @member)]))
(decorator [(identifier) @reference (attribute attribute: (identifier) @member)])
(type [(identifier) @reference (attribute attribute: (identifier) @member) (generic_type (identifier) @reference)])
(type (binary_operator [(identifier) @reference (generic_type (identifier) @reference)]))
