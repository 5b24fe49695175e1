"""The taught set: pictures that the owner taught, in a database; written to archives and read from them."""
