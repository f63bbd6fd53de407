"""The harness: plan, train, store, compare, report, command line."""
