//! Tenants: added by the platform's staff under the host's number, and found again.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use logistics_domain::TenantId;
use sqlx::{FromRow, PgExecutor, PgPool};

use super::{Tenancy, TenancyError};
use crate::access::OPERATOR;

/// The longest name and the longest slug, in letters.
const NAME_MAX: usize = 200;
const SLUG_MAX: usize = 63;

/// An instant of each half of a year.
const WINTER_AND_SUMMER: [DateTime<Utc>; 2] = [first_of(1), first_of(7)];

const NOT_SERVED: &str = "the database does not know this time zone; give its present name, as America/Lima";
const ABBREVIATED: &str =
    "the database takes this for an abbreviation that means other hours; name a place, as Europe/Madrid";

/// A brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The host's number.
    pub id: TenantId,
    /// The name that people read.
    pub name: String,
    /// The name in addresses.
    pub slug: String,
    /// Whether it may be used at all.
    pub is_active: bool,
    /// The zone in which its days begin and end.
    pub timezone: Tz,
    /// When it was added (UTC).
    pub created_at: DateTime<Utc>,
}

/// A tenant to be added, as a person wrote it.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The host's number, from 1.
    pub id: i64,
    /// The name that people read.
    pub name: String,
    /// The name in addresses: lower-case letters, digits, single hyphens.
    pub slug: String,
    /// An IANA zone, as `America/Lima`.
    pub timezone: String,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    name: String,
    slug: String,
    is_active: bool,
    timezone: String,
    created_at: DateTime<Utc>,
}

/// Adds a tenant, as the command line does. Needs no key ring, since nothing of a tenant is secret.
pub async fn add_tenant(
    pool: &PgPool,
    tenant: &NewTenant,
    now: DateTime<Utc>,
) -> Result<Tenant, TenancyError> {
    add_tenant_by(pool, tenant, OPERATOR, now).await
}

async fn add_tenant_by(
    pool: &PgPool,
    tenant: &NewTenant,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Tenant, TenancyError> {
    let timezone = served_zone(pool, &tenant.timezone).await?;
    if tenant.id < 1 {
        return Err(TenancyError::invalid("id", "give the host's number of the tenant, from 1"));
    }
    let (name, slug) = (checked_name(&tenant.name)?, checked_slug(&tenant.slug)?);
    let added: Option<Row> = sqlx::query_as(
        "insert into tenants (id, name, slug, timezone, created_at, updated_by) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing returning id, name, slug, is_active, timezone, created_at",
    )
    .bind(tenant.id)
    .bind(name)
    .bind(slug)
    .bind(timezone.name())
    .bind(now)
    .bind(by)
    .fetch_optional(pool)
    .await?;
    added.ok_or(TenancyError::TenantExists)?.read()
}

/// [`Tenancy::find_tenant`], for those who hold no key ring.
pub async fn find_tenant(
    database: impl PgExecutor<'_>,
    id: TenantId,
) -> Result<Option<Tenant>, TenancyError> {
    let row: Option<Row> =
        sqlx::query_as("select id, name, slug, is_active, timezone, created_at from tenants where id = $1")
            .bind(id.0)
            .fetch_optional(database)
            .await?;
    row.map(Row::read).transpose()
}

impl Tenancy {
    /// [`add_tenant`], for those who hold the room.
    pub async fn add_tenant(&self, tenant: &NewTenant, now: DateTime<Utc>) -> Result<Tenant, TenancyError> {
        add_tenant_by(&self.pool, tenant, &self.actor, now).await
    }

    /// Active tenants by name, up to a number of them: these, or whichever there are.
    pub async fn list_tenants(
        &self,
        only: Option<&[TenantId]>,
        limit: i64,
    ) -> Result<Vec<Tenant>, TenancyError> {
        let only: Option<Vec<i64>> = only.map(|ids| ids.iter().map(|id| id.0).collect());
        let rows: Vec<Row> = sqlx::query_as(
            "select id, name, slug, is_active, timezone, created_at from tenants
             where is_active and ($1::bigint[] is null or id = any($1)) order by name, id limit $2",
        )
        .bind(only)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The tenant, active or not.
    pub async fn find_tenant(&self, id: TenantId) -> Result<Option<Tenant>, TenancyError> {
        find_tenant(&self.pool, id).await
    }
}

impl Row {
    fn read(self) -> Result<Tenant, TenancyError> {
        let timezone =
            self.timezone.parse().map_err(|_| TenancyError::Unreadable { what: "a tenant's timezone" })?;
        Ok(Tenant {
            id: TenantId(self.id),
            name: self.name,
            slug: self.slug,
            is_active: self.is_active,
            timezone,
            created_at: self.created_at,
        })
    }
}

pub(super) fn checked_name(text: &str) -> Result<&str, TenancyError> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.contains('\0') {
        return Err(TenancyError::invalid("name", "give a name of 1 to 200 characters"));
    }
    Ok(name)
}

pub(super) fn checked_slug(text: &str) -> Result<&str, TenancyError> {
    let slug = text.trim();
    if !is_slug(slug) {
        return Err(TenancyError::invalid(
            "slug",
            "give 1 to 63 lower-case letters, digits and single hyphens, as my-brand",
        ));
    }
    Ok(slug)
}

/// An IANA zone by its name.
pub(super) fn zone(field: &'static str, name: &str) -> Result<Tz, TenancyError> {
    name.trim()
        .parse()
        .map_err(|_| TenancyError::invalid(field, "give the name of an IANA time zone, as America/Lima"))
}

/// The zone of a tenant. The server counts days by it, and may know fewer than we do: packages leave old names out. Of a name that is an
/// abbreviation as well (`CET`) it takes the abbreviation, which knows no summer.
pub(super) async fn served_zone(database: impl PgExecutor<'_>, name: &str) -> Result<Tz, TenancyError> {
    let zone = zone("timezone", name)?;
    let served: Option<Option<Vec<NaiveDateTime>>> = sqlx::query_scalar(
        "select case when exists (select from pg_timezone_abbrevs a where a.abbrev = upper(n.name))
           then array[$2 at time zone n.name, $3 at time zone n.name] end
         from pg_timezone_names n where n.name = $1",
    )
    .bind(zone.name())
    .bind(WINTER_AND_SUMMER[0])
    .bind(WINTER_AND_SUMMER[1])
    .fetch_optional(database)
    .await?;
    let as_we_do = WINTER_AND_SUMMER.map(|instant| instant.with_timezone(&zone).naive_local());
    match served {
        None => Err(TenancyError::invalid("timezone", NOT_SERVED)),
        Some(Some(counted)) if counted != as_we_do => Err(TenancyError::invalid("timezone", ABBREVIATED)),
        Some(_) => Ok(zone),
    }
}

const fn first_of(month: u32) -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(2026, month, 1).expect("a month of that year");
    day.and_time(NaiveTime::MIN).and_utc()
}

fn is_slug(text: &str) -> bool {
    let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    text.len() <= SLUG_MAX && text.split('-').all(|word| !word.is_empty() && word.bytes().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_words_of_small_letters_and_digits_with_single_hyphens() {
        for good in ["ladore", "my-brand", "7", "a-1-b"] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "Ladore", "ñandú", "a b", &"a".repeat(64)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn a_zone_is_known_by_its_iana_name() {
        assert_eq!(zone("timezone", " America/Lima ").unwrap(), chrono_tz::America::Lima);
        let refused = zone("timezone", "Lima").unwrap_err().to_string();
        assert!(refused.starts_with("timezone: ") && refused.contains("IANA"), "{refused}");
    }
}
