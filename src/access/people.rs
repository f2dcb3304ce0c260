//! The people who may sign in: taken in by the platform's staff, a row for each tenant, changed, switched off. Absent:
//! who a token names (`token`), and what a person may do (`principal`).

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::caller::Who;
use super::keys::OPERATOR;
use super::role::Role;
use crate::clock;

/// The longest name at the provider in bytes, e-mail address and name in letters.
const SUB_MAX: usize = 255;
const EMAIL_MAX: usize = 254;
const NAME_MAX: usize = 200;

/// A person, in one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Names the person, in this tenant, in logs and in events (`user:<id>`).
    pub id: Uuid,
    /// How the provider's tokens name the person.
    pub sub: String,
    /// Where the person is reached.
    pub email: String,
    /// The name that others read; may be empty.
    pub name: String,
    /// The tenant; none for `SUPERADMIN`.
    pub tenant: Option<TenantId>,
    /// What the person may do there.
    pub role: Role,
    /// Whether the person is let in there.
    pub is_active: bool,
    /// When the row was made (UTC).
    pub created_at: DateTime<Utc>,
    /// When it was last changed (UTC).
    pub updated_at: DateTime<Utc>,
    /// Who took the person in: `user:<id>`, `key:<id>`, or `operator` for the command line.
    pub created_by: String,
    /// Who changed it last, if anybody did.
    pub updated_by: Option<String>,
}

/// A person to be taken in for a tenant.
#[derive(Clone, Debug)]
pub struct PersonRequest {
    /// How the provider's tokens name the person.
    pub sub: String,
    /// Where the person is reached.
    pub email: String,
    /// The name that others read; may be empty.
    pub name: String,
    /// The tenant; none for `SUPERADMIN`.
    pub tenant: Option<TenantId>,
    /// What the person may do there.
    pub role: Role,
}

/// What is to become of a person; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct PersonChange {
    /// Another role.
    pub role: Option<Role>,
    /// Whether the person is let in.
    pub is_active: Option<bool>,
    /// Another address.
    pub email: Option<String>,
    /// Another name.
    pub name: Option<String>,
}

/// Which people are listed.
#[derive(Clone, Debug, Default)]
pub struct PersonFilter {
    /// Of this tenant alone.
    pub tenant: Option<TenantId>,
    /// With this text in the address, the name or the name at the provider, whatever the case.
    pub search: Option<String>,
    /// How many are passed over.
    pub skip: i64,
    /// How many are given at most.
    pub limit: i64,
}

/// Some of the people, and how many there are.
#[derive(Clone, Debug)]
pub struct PersonPage {
    /// How many fit the filter.
    pub total: i64,
    /// Those of the page, by address.
    pub items: Vec<Person>,
}

/// Why a person was not taken in or changed.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// A field cannot be used.
    #[error("{field}: {told}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What to give instead.
        told: &'static str,
    },
    /// The tenant does not exist.
    #[error("there is no such tenant; add it first")]
    UnknownTenant,
    /// The person was taken in before.
    #[error("this person is known in this tenant already; change the role or switch the access on again")]
    Exists,
    /// There is no such person.
    #[error("there is no such person")]
    Unknown,
    /// Somebody would take their own access away.
    #[error("nobody takes their own access away; ask another of the platform's staff")]
    OwnAccess,
    /// A person of a newer version.
    #[error("a stored person has a role of a newer version; run that version")]
    Unreadable,
    /// The database refused or did not answer.
    #[error("the people could not be read or stored; try again")]
    Database(#[from] sqlx::Error),
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    sub: String,
    email: String,
    name: String,
    tenant_id: Option<i64>,
    role: String,
    is_active: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    created_by: String,
    updated_by: Option<String>,
}

const COLUMNS: &str =
    "id, sub, email, name, tenant_id, role, is_active, created_at, updated_at, created_by, updated_by";

const MATCHES: &str = "($1::bigint is null or tenant_id = $1)
    and ($2::text is null or strpos(lower(email || ' ' || name || ' ' || sub), lower($2)) > 0)";

/// Takes a person in; `by` is who does it.
pub async fn add_person(
    pool: &PgPool,
    request: &PersonRequest,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Person, PersonError> {
    let PersonRequest { sub, email, name, tenant, role } = request;
    if sub.is_empty() || sub.len() > SUB_MAX || sub.chars().any(char::is_control) {
        return Err(invalid("sub", "give the person's name at the OpenID provider, up to 255 bytes"));
    }
    let (email, name) = (checked_email(email)?, checked_name(name)?);
    check_tenant(*role, *tenant)?;
    let sql = format!(
        "insert into people (id, sub, email, name, tenant_id, role, created_at, created_by, updated_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $7 where $5 is null or exists (select from tenants where id = $5)
         returning {COLUMNS}"
    );
    let added: Result<Option<Row>, sqlx::Error> = sqlx::query_as(&sql)
        .bind(clock::new_id())
        .bind(sub)
        .bind(email)
        .bind(name)
        .bind(tenant.map(|tenant| tenant.0))
        .bind(role.as_str())
        .bind(now)
        .bind(by)
        .fetch_optional(pool)
        .await;
    match added {
        Ok(row) => row.ok_or(PersonError::UnknownTenant)?.read(),
        Err(sqlx::Error::Database(told)) if told.constraint() == Some("people_one_each") => {
            Err(PersonError::Exists)
        }
        Err(error) => Err(error.into()),
    }
}

/// Some of the people.
pub async fn list_people(pool: &PgPool, filter: &PersonFilter) -> Result<PersonPage, PersonError> {
    let tenant = filter.tenant.map(|tenant| tenant.0);
    let total = sqlx::query_scalar(&format!("select count(*) from people where {MATCHES}"))
        .bind(tenant)
        .bind(&filter.search)
        .fetch_one(pool)
        .await?;
    let sql = format!(
        "select {COLUMNS} from people where {MATCHES}
         order by email, tenant_id nulls first, id offset $3 limit $4"
    );
    let rows: Vec<Row> = sqlx::query_as(&sql)
        .bind(tenant)
        .bind(&filter.search)
        .bind(filter.skip)
        .bind(filter.limit)
        .fetch_all(pool)
        .await?;
    Ok(PersonPage { total, items: rows.into_iter().map(Row::read).collect::<Result<_, _>>()? })
}

/// One person.
pub async fn find_person(pool: &PgPool, id: Uuid) -> Result<Person, PersonError> {
    let row: Option<Row> = sqlx::query_as(&format!("select {COLUMNS} from people where id = $1"))
        .bind(id)
        .fetch_optional(pool)
        .await?;
    row.ok_or(PersonError::Unknown)?.read()
}

/// Changes a person on the command line. It holds from the person's next request on.
pub async fn change_person(
    pool: &PgPool,
    id: Uuid,
    change: &PersonChange,
    now: DateTime<Utc>,
) -> Result<Person, PersonError> {
    change_person_by(pool, id, change, OPERATOR, now).await
}

/// Changes a person; `by` is who does it, as events name them. It holds from the person's next request on.
pub async fn change_person_by(
    pool: &PgPool,
    id: Uuid,
    change: &PersonChange,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Person, PersonError> {
    let takes_access = change.role.is_some() || change.is_active == Some(false);
    if takes_access && by == Who::Person(id).actor() {
        return Err(PersonError::OwnAccess);
    }
    let email = change.email.as_deref().map(checked_email).transpose()?;
    let name = change.name.as_deref().map(checked_name).transpose()?;
    if let Some(role) = change.role {
        check_tenant(role, find_person(pool, id).await?.tenant)?;
    }
    let sql = format!(
        "update people set role = coalesce($2, role), is_active = coalesce($3, is_active),
         email = coalesce($4, email), name = coalesce($5, name), updated_at = $6, updated_by = $7 where id = $1
         returning {COLUMNS}"
    );
    let row: Option<Row> = sqlx::query_as(&sql)
        .bind(id)
        .bind(change.role.map(Role::as_str))
        .bind(change.is_active)
        .bind(email)
        .bind(name)
        .bind(now)
        .bind(by)
        .fetch_optional(pool)
        .await?;
    row.ok_or(PersonError::Unknown)?.read()
}

impl Row {
    fn read(self) -> Result<Person, PersonError> {
        Ok(Person {
            id: self.id,
            sub: self.sub,
            email: self.email,
            name: self.name,
            tenant: self.tenant_id.map(TenantId),
            role: self.role.parse().map_err(|_| PersonError::Unreadable)?,
            is_active: self.is_active,
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: self.created_by,
            updated_by: self.updated_by,
        })
    }
}

const fn invalid(field: &'static str, told: &'static str) -> PersonError {
    PersonError::Invalid { field, told }
}

const fn check_tenant(role: Role, tenant: Option<TenantId>) -> Result<(), PersonError> {
    match (role, tenant) {
        (Role::Superadmin, Some(_)) => Err(invalid(
            "role",
            "SUPERADMIN works for every tenant; leave the tenant out, or give another role",
        )),
        (Role::Superadmin, None) | (_, Some(_)) => Ok(()),
        (_, None) => Err(invalid("tenant_id", "every role but SUPERADMIN is for one tenant; name it")),
    }
}

/// An address is only shown, so no more is asked of it than that it is one line with an @ in it.
fn checked_email(text: &str) -> Result<&str, PersonError> {
    let text = text.trim();
    let told = "give an e-mail address, as ada@brand.example";
    let (name, host) = text.split_once('@').ok_or(invalid("email", told))?;
    let odd = |letter: char| letter.is_control() || letter.is_whitespace();
    if name.is_empty() || host.is_empty() || text.chars().count() > EMAIL_MAX || text.chars().any(odd) {
        return Err(invalid("email", told));
    }
    Ok(text)
}

fn checked_name(text: &str) -> Result<&str, PersonError> {
    let text = text.trim();
    if text.chars().count() > NAME_MAX || text.chars().any(char::is_control) {
        return Err(invalid("name", "give one line of up to 200 characters"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_sides_and_no_gaps() {
        assert_eq!(checked_email(" ada@x.example ").unwrap(), "ada@x.example");
        for bad in ["", "ada", "@x", "ada@", "a da@x", "a@x\ny"] {
            assert!(checked_email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_staff_are_without_a_tenant() {
        assert!(check_tenant(Role::Superadmin, None).is_ok());
        assert!(check_tenant(Role::Viewer, Some(TenantId(7))).is_ok());
        assert!(check_tenant(Role::Superadmin, Some(TenantId(7))).is_err());
        assert!(check_tenant(Role::Auditor, None).is_err());
    }
}
