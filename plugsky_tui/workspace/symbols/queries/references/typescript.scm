(type_identifier) @reference
(extends_clause value: [(identifier) @reference (member_expression property: (property_identifier) @member)])
