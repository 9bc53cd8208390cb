(class_heritage [(identifier) @reference (member_expression property: (property_identifier) @member)])
