(command_name (word) @name)
(simple_expansion (variable_name) @name)
(expansion (variable_name) @name)
; trap cleanup EXIT, run_tests my_test
(command argument: (word) @name)
