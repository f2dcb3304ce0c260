//! Tenants, their logistics configuration, the accounts that configurations share, and their shops' secrets.
