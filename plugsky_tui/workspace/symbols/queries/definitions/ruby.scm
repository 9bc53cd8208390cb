(class name: (_) @name) @definition.class
(module name: (_) @name) @definition.module
(method name: (_) @name) @definition.method
(singleton_method name: (_) @name) @definition.method
(alias name: (identifier) @name) @definition.method
(assignment left: (constant) @name) @definition.constant
