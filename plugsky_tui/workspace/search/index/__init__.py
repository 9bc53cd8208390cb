"""The names of all files and folders of a workspace, kept and searched in a process of its own."""
