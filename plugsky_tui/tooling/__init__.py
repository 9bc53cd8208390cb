"""What a tool is: its parameters, its plan, its result; how tools are found and given to the loop."""
