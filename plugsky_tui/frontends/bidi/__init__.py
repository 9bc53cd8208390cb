"""Text of both directions: the Unicode Bidirectional Algorithm, joined letters, and which terminal does what itself.

Nothing in here changes what is kept, copied or sent: it only says how a line looks. Pure: knows no UI library.
"""
