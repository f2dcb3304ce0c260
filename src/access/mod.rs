//! Who calls: API keys, roles, and the tenant scope that every query needs.
