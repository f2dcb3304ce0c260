//! The home of a tenant's orders: the account whose id their streams are derived from. Mintsoft numbers the orders of one
//! host once, so whichever of its accounts a tenant reads by, each order goes on in the stream that it has.

use logistics_domain::{AccountId, TenantId};
use sqlx::PgConnection;
use url::Url;
use uuid::Uuid;

use super::TenancyError;
use super::config::LogisticsConfig;

/// Where the tenant's orders stand once it reads by this account: where they stood, on the same host; else where it left
/// orders on that host before; else under the account itself.
pub(super) async fn home_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    account: AccountId,
    present: Option<&LogisticsConfig>,
) -> Result<AccountId, TenancyError> {
    let accounts: Vec<(Uuid, String)> =
        sqlx::query_as("select id, api_url from mintsoft_accounts order by created_at, id")
            .fetch_all(&mut *connection)
            .await?;
    let place = |id: AccountId| accounts.iter().find(|(held, _)| *held == id.0).map(|(_, url)| url.as_str());
    let Some(here) = place(account) else { return Ok(account) };
    let present = present.map(|config| config.home_account_id);
    if let Some(home) = present.filter(|home| place(*home).is_some_and(|url| same_host(url, here))) {
        return Ok(home);
    }
    let on_host: Vec<Uuid> =
        accounts.iter().filter(|(_, url)| same_host(url, here)).map(|(id, _)| *id).collect();
    let left: Option<Uuid> = sqlx::query_scalar(
        "select a.id from unnest($2::uuid[]) with ordinality as a (id, place)
         where exists (select from order_streams s where s.account_id = a.id and s.tenant_id = $1)
         order by a.place limit 1",
    )
    .bind(tenant.0)
    .bind(on_host)
    .fetch_optional(connection)
    .await?;
    Ok(left.map_or(account, AccountId))
}

/// Whether two addresses lead to the same place, by another way at most.
pub(super) fn same_host(one: &str, other: &str) -> bool {
    let place = |text: &str| {
        let url = Url::parse(text).ok()?;
        Some((url.host_str()?.to_owned(), url.port_or_known_default()))
    };
    place(one).is_some_and(|one| Some(one) == place(other))
}
