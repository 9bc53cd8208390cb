(class_heritage [(identifier) @name (member_expression property: (property_identifier) @member)])
