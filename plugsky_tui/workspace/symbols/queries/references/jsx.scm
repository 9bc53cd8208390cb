(jsx_opening_element name: [(identifier) @name (member_expression property: (property_identifier) @member)])
(jsx_self_closing_element name: [(identifier) @name (member_expression property: (property_identifier) @member)])
