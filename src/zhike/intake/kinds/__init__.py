"""The kinds of data that can be imported, one module each; a module that calls `registry.register` is one more kind."""
