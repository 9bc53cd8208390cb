(command_name (word) @reference)
(simple_expansion (variable_name) @reference)
(expansion (variable_name) @reference)
; trap cleanup EXIT, run_tests my_test
(command argument: (word) @reference)
