"""`plugsky chat`: the agent in lines. What is printed stays as it is; only the line being typed is ever drawn again."""
