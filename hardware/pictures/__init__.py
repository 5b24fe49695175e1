"""Picture files and folders of them: which are read, how, and what is left out."""
