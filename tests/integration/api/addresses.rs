//! The address of a route of the table: what stands for each of its varying parts. A route with a part that is not named
//! here fails the walks, so nobody adds one without saying whose things it leads to.

use logistics_domain::TenantId;
use logistics_ledger::api::{Admits, Entry};
use reqwest::Method;
use serde_json::{Value, json};

/// What is nobody's.
pub const NOBODYS: &str = "00000000-0000-0000-0000-000000000000";

/// The things that the varying parts of an address name.
#[derive(Clone, Debug)]
pub struct Things {
    pub order: String,
    pub run: String,
    pub link: String,
}

impl Things {
    /// Ids that nothing has.
    pub fn nobodys() -> Self {
        Self { order: NOBODYS.to_owned(), run: NOBODYS.to_owned(), link: NOBODYS.to_owned() }
    }
}

/// The route's address for a tenant, leading to these things.
pub fn address_of(entry: &Entry, tenant: TenantId, things: &Things) -> Result<String, String> {
    let path = entry
        .path
        .replace("{tenant_id}", &tenant.to_string())
        .replace("{platform}", "shopify")
        .replace("{account_id}", NOBODYS)
        .replace("{row_key}", "order:1")
        .replace("{document_id}", "0")
        .replace("{letter}", "job-1")
        .replace("{id}", &things.order)
        .replace("{link_id}", &things.link)
        .replace("{run_id}", &things.run);
    if path.contains('{') {
        return Err(format!("say in addresses.rs what stands for the varying part of {path}"));
    }
    let named_in_query = matches!(entry.admits, Admits::Tenant(_)) && !entry.path.contains("{tenant_id}");
    let mut query = if named_in_query { format!("?tenant_id={tenant}") } else { String::new() };
    if path.ends_with("/stream") {
        // Whom the gate lets through is answered by the route itself, and not by a stream without end.
        query.push_str("&after=-2");
    }
    Ok(format!("/api/v1{path}{query}"))
}

/// A body with which the route does what it is for.
pub fn body_of(entry: &Entry) -> Value {
    match entry.path.rsplit('/').next().unwrap_or_default() {
        _ if entry.method != Method::POST => json!({}),
        "cancel" | "erase" => json!({"reason": "the customer asked for it"}),
        "comments" => json!({"comment": "please wrap it"}),
        _ => json!({}),
    }
}

/// The same, leading to nothing wherever an id varies.
pub fn address(entry: &Entry, tenant: TenantId) -> String {
    address_of(entry, tenant, &Things::nobodys()).unwrap_or_else(|missing| panic!("{missing}"))
}

#[test]
fn a_route_whose_varying_part_nobody_has_named_is_noticed() {
    let entry = Entry {
        method: reqwest::Method::GET,
        path: "/logistics/orders/{id}/wishes/{wish_id}".to_owned(),
        admits: Admits::Tenant(logistics_ledger::access::Right::ReadOrders),
    };
    assert!(address_of(&entry, TenantId(7), &Things::nobodys()).unwrap_err().contains("{wish_id}"));
}
