"""The console's pages: each group in its own module, with its views and its list PAGES."""
