//! Who may do what in which room: the one place that answers it, from a short-lived cache of memberships.
