"""Everything that a report computes, once each."""
