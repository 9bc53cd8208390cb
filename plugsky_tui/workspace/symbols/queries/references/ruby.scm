(identifier) @name
(constant) @name
