"""Every cell of domain.md §4.2: what each step comes to, by state, policy and actor."""
