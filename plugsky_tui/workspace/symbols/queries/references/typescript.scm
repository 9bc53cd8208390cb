(type_identifier) @name
(extends_clause value: [(identifier) @name (member_expression property: (property_identifier) @member)])
