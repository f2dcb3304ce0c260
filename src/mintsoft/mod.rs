//! Mintsoft, the warehouse system: every outgoing call, its JSON, and its translation.
