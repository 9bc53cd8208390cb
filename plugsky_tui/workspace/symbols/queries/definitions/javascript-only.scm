(field_definition property: (property_identifier) @name value: (arrow_function body: (_) @body)) @definition.method
