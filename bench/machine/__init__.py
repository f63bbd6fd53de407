"""The machine: its versions and processors, and how it runs what computes."""
