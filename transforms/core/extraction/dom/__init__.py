"""Everything that touches an lxml tree.  What leaves this package is plain records."""
