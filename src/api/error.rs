//! The one map from what goes wrong in the rooms to what a caller is told.

use axum::http::{HeaderValue, StatusCode, header};

use super::problem::Problem;
use crate::access::{AccessError, InvalidReason, KeyError, PersonError};
use crate::audit::AuditError;
use crate::inbox::InboxError;
use crate::inbox::dead_letters::LetterError;
use crate::jobs::JobsError;
use crate::ledger::LedgerError;
use crate::postgres::{DatabaseError, is_away};
use crate::sync::SyncError;
use crate::sync::configuring::ConfigError;
use crate::sync::connection::ConnectionState;
use crate::sync::links::LinkError;
use crate::sync::parked_decisions::DecisionError;
use crate::tenancy::TenancyError;

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        let told = error.to_string();
        match error {
            AccessError::NoCredential => unauthorized("credential_missing", told),
            AccessError::InvalidKey => unauthorized("credential_invalid", told),
            AccessError::InvalidToken(_) => refused_token(told),
            AccessError::SessionOver => unauthorized("session_over", told),
            AccessError::NoProvider => unauthorized("bearer_not_accepted", told),
            AccessError::TwoCredentials => Self::of(StatusCode::BAD_REQUEST, "credential_ambiguous", told),
            AccessError::ProviderAway => Self::unavailable("provider_away", &told, &error),
            AccessError::UnknownPerson => Self::of(StatusCode::FORBIDDEN, "person_unknown", told),
            AccessError::PersonInactive => Self::of(StatusCode::FORBIDDEN, "person_inactive", told),
            AccessError::TenantInactive => Self::of(StatusCode::FORBIDDEN, "tenant_inactive", told),
            AccessError::NotAllowed { .. } => Self::of(StatusCode::FORBIDDEN, "role_not_allowed", told),
            AccessError::NameTenant => Self::of(StatusCode::BAD_REQUEST, "tenant_id_missing", told),
            AccessError::NoSuchTenant => Self::not_found("tenant_unknown", told),
            AccessError::Database(cause) => cause.into(),
            AccessError::Unreadable => Self::internal(&error),
        }
    }
}

impl From<PersonError> for Problem {
    fn from(error: PersonError) -> Self {
        let told = error.to_string();
        match error {
            PersonError::Invalid { field, .. } => Self::invalid(field, told),
            PersonError::UnknownTenant => Self::invalid("tenant_id", told),
            PersonError::Exists => Self::of(StatusCode::CONFLICT, "person_exists", told),
            PersonError::OwnAccess => Self::of(StatusCode::CONFLICT, "own_access", told),
            PersonError::Unknown => Self::not_found("person_not_found", told),
            PersonError::Unreadable => Self::internal(&error),
            PersonError::Database(cause) => cause.into(),
        }
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        let told = error.to_string();
        match error {
            KeyError::TenantNeeded(_) | KeyError::TenantNotWanted | KeyError::UnknownTenant => {
                Self::invalid("tenant_id", told)
            }
            KeyError::BadLabel => Self::invalid("label", told),
            KeyError::Expired => Self::invalid("expires_at", told),
            KeyError::Database(cause) => cause.into(),
        }
    }
}

impl From<TenancyError> for Problem {
    fn from(error: TenancyError) -> Self {
        let told = error.to_string();
        let conflict = |code| Self::of(StatusCode::CONFLICT, code, told.clone());
        match error {
            TenancyError::Database(cause) | TenancyError::Jobs(JobsError::Database(cause)) => cause.into(),
            TenancyError::Invalid { field, .. } => Self::invalid(field, told),
            TenancyError::BadUrl(_) => Self::invalid("api_url", told),
            TenancyError::UnknownTenant => Self::not_found("tenant_unknown", told),
            TenancyError::TenantExists => conflict("tenant_exists"),
            TenancyError::ConfigExists => conflict("logistics_config_exists"),
            TenancyError::PrefixTaken => conflict("sku_prefix_taken"),
            TenancyError::AccountNotDedicated => conflict("account_not_dedicated"),
            TenancyError::ChangedMeanwhile => conflict("changed_meanwhile"),
            TenancyError::TenantOff => conflict("tenant_switched_off"),
            TenancyError::SyncOff => conflict("sync_disabled"),
            TenancyError::OrderIdTaken => conflict("order_id_taken"),
            TenancyError::Sealed(_) | TenancyError::Unreadable { .. } => Self::internal(&error),
        }
    }
}

impl From<SyncError> for Problem {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Database(cause) => cause.into(),
            SyncError::Tenancy(cause) => cause.into(),
            SyncError::Link(cause) => cause.into(),
            SyncError::Upstream(_)
            | SyncError::Ledger(_)
            | SyncError::Jobs(_)
            | SyncError::UnknownAccount
            | SyncError::ConfiguredAnew
            | SyncError::SwitchedOff
            | SyncError::BrokenList { .. } => {
                Self::unavailable("sources_away", "the sources cannot be asked now; try again", &error)
            }
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Refused(refusal) => {
                Self::of(StatusCode::CONFLICT, refusal.code(), refusal.to_string())
            }
            LedgerError::Contended { .. } | LedgerError::Unavailable(_) | LedgerError::Stopped => {
                Self::unavailable("ledger_away", "the ledger cannot take it now; try again", &error)
            }
            LedgerError::OwnedByAnother { .. }
            | LedgerError::Corrupt { .. }
            | LedgerError::Key { .. }
            | LedgerError::Unstorable { .. }
            | LedgerError::Rejected { .. } => Self::internal(&error),
        }
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        let connection = match error {
            ConfigError::Tenancy(cause) => return cause.into(),
            ConfigError::Missing => return Self::not_found("logistics_config_missing", error.to_string()),
            ConfigError::NotConnected(connection) => connection,
        };
        let told = |what: &str| format!("{} {what}", connection.detail);
        if connection.state == ConnectionState::Refused {
            let told = told("Nothing was stored; correct it and send it again");
            let field = connection.field.unwrap_or("credentials");
            return Self::of(StatusCode::UNPROCESSABLE_ENTITY, "connection_refused", told)
                .because(connection.detail.clone())
                .with("field", field);
        }
        let told = told("Nothing was stored; try again, or store it untried with unverified=true");
        Self::of(StatusCode::SERVICE_UNAVAILABLE, "connection_untried", told)
            .header(header::RETRY_AFTER, HeaderValue::from_static("30"))
    }
}

impl From<InvalidReason> for Problem {
    fn from(error: InvalidReason) -> Self {
        Self::invalid("reason", error.to_string())
    }
}

impl From<DecisionError> for Problem {
    fn from(error: DecisionError) -> Self {
        let told = error.to_string();
        let conflict = |code| Self::of(StatusCode::CONFLICT, code, told.clone());
        match error {
            DecisionError::Database(cause) | DecisionError::Jobs(JobsError::Database(cause)) => cause.into(),
            DecisionError::Unknown => Self::not_found("parked_order_unknown", told),
            DecisionError::NoOrder => conflict("parked_order_nameless"),
            DecisionError::NotOfAccount => Self::invalid("tenant_id", told),
            DecisionError::HasOwner { .. } => conflict("order_has_owner"),
            DecisionError::AlreadyAssigned { .. } => conflict("already_assigned"),
            DecisionError::NotWaiting => conflict("parked_order_settled"),
        }
    }
}

impl From<LetterError> for Problem {
    fn from(error: LetterError) -> Self {
        match error {
            LetterError::Unknown => Self::not_found("letter_unknown", error.to_string()),
            LetterError::NotDead => Self::of(StatusCode::CONFLICT, "letter_not_dead", error.to_string()),
            LetterError::Erased => Self::of(StatusCode::CONFLICT, "letter_erased", error.to_string()),
            LetterError::Database(cause)
            | LetterError::Inbox(
                InboxError::Database(cause) | InboxError::Jobs(JobsError::Database(cause)),
            )
            | LetterError::Jobs(JobsError::Database(cause)) => cause.into(),
            LetterError::Inbox(_) | LetterError::Sealed(_) => Self::internal(&error),
        }
    }
}

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        let told = error.to_string();
        match error {
            LinkError::Database(cause) | LinkError::Jobs(JobsError::Database(cause)) => cause.into(),
            LinkError::Tenancy(cause) => cause.into(),
            LinkError::OrderIdOutOfRange => Self::invalid("order_id", told),
            LinkError::NameMissing => Self::invalid("order_name", told),
            LinkError::NotLinked => Self::of(StatusCode::CONFLICT, "link_not_made", told),
            LinkError::Unreadable(_) => Self::internal(&error),
        }
    }
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Database(cause) => cause.into(),
            AuditError::TooLong { .. } => {
                let told = "the order has more events than a dossier holds; ask the platform's staff to verify the whole ledger";
                Self::of(StatusCode::CONFLICT, "dossier_too_long", told)
            }
            AuditError::Missing { .. }
            | AuditError::Altered { .. }
            | AuditError::Unreadable(_)
            | AuditError::NotCanonical(_) => Self::damaged(&error),
            AuditError::Beyond { .. } | AuditError::Key(_) | AuditError::Note(_) => Self::internal(&error),
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        if took_too_long(&error) {
            let told = "this took too long and was given up; ask for less, or try again later";
            return Self::unavailable("timed_out", told, &error);
        }
        if is_away(&error) {
            return Self::unavailable("database_away", "the database does not answer; try again", &error);
        }
        Self::internal(&error)
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        Self::unavailable("database_away", "the database does not answer; try again", &error)
    }
}

/// 401, saying how to prove oneself.
fn unauthorized(code: &'static str, told: String) -> Problem {
    Problem::of(StatusCode::UNAUTHORIZED, code, told)
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey header=\"X-API-Key\""))
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// 401 of a token, in the words of RFC 6750 too. `told` is one of our own sentences: plain letters, no quotes.
fn refused_token(told: String) -> Problem {
    let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{told}\"");
    let problem = Problem::of(StatusCode::UNAUTHORIZED, "credential_invalid", told);
    match HeaderValue::try_from(challenge) {
        Ok(challenge) => problem.header(header::WWW_AUTHENTICATE, challenge),
        Err(_) => problem,
    }
}

/// Whether the database gave up a statement that took longer than one may.
fn took_too_long(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(told) if told.code().is_some_and(|code| code == "57014"))
}
