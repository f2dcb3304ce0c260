//! Sealing with a ring of keys, and a key for every order.
