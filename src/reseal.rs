//! Sealing anew: what older keys of the ring sealed is opened and sealed under the current one, so that an older key may
//! leave the ring. In small portions, each by itself: it may be broken off and begun again, and the service goes on
//! meanwhile, since a value that changed in between is left alone (whoever wrote it used the current key) and looked at
//! again. Absent: the making of keys, and raw payloads, which the keys of their orders seal.

use sqlx::PgPool;
use zeroize::Zeroizing;

use crate::secrets::{KeyRing, SecretError};

/// How many values are re-encrypted at once.
const PORTION: i64 = 200;

/// How often a table is gone through, should others write meanwhile what was looked at before.
const ROUNDS_MAX: usize = 3;

/// A kind of sealed values: a column.
struct Kind {
    table: &'static str,
    column: &'static str,
    /// What tells its rows apart, in SQL.
    key: &'static str,
    /// The type of that.
    key_type: &'static str,
    /// For whom a row's value is sealed, by its key.
    owner: fn(&str) -> String,
}

/// Every column that the key ring seals. A test compares it with the catalogue.
const KINDS: [Kind; 9] = [
    Kind {
        table: "mintsoft_accounts",
        column: "credentials_sealed",
        key: "id",
        key_type: "uuid",
        owner: |key| format!("mintsoft_accounts/{key}"),
    },
    Kind {
        table: "logistics_config",
        column: "api_key_encrypted",
        key: "tenant_id",
        key_type: "bigint",
        owner: |key| format!("logistics_config/{key}"),
    },
    Kind {
        table: "shops",
        column: "webhook_secrets_sealed",
        key: "(tenant_id || '/' || platform)",
        key_type: "text",
        owner: |key| format!("shops/{key}"),
    },
    Kind {
        table: "mintsoft_logins",
        column: "key_sealed",
        key: "login_id",
        key_type: "uuid",
        owner: |key| format!("mintsoft_logins/{key}/key"),
    },
    Kind {
        table: "mintsoft_logins",
        column: "refused_sealed",
        key: "login_id",
        key_type: "uuid",
        owner: |key| format!("mintsoft_logins/{key}/refused"),
    },
    Kind {
        table: "order_streams",
        column: "sealed_key",
        key: "stream_id",
        key_type: "uuid",
        owner: |key| format!("order_streams/{key}/key"),
    },
    Kind {
        table: "inbox_deliveries",
        column: "body_sealed",
        key: "id",
        key_type: "uuid",
        owner: |key| format!("inbox_deliveries/{key}"),
    },
    Kind {
        table: "parked_orders",
        column: "raw_sealed",
        key: "(account_id || '/' || row_key)",
        key_type: "text",
        owner: |_| "parked_orders/raw".to_owned(),
    },
    Kind {
        table: "audit_signing_keys",
        column: "private_sealed",
        key: "id",
        key_type: "uuid",
        owner: |key| format!("audit_signing_keys/{key}/private"),
    },
];

/// What became of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
    /// How many values were re-encrypted.
    pub resealed: u64,
    /// How many could not be opened: their key is not on the ring, or they are damaged.
    pub unreadable: u64,
}

/// The columns that are re-encrypted, as `table.column`.
pub fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().map(|kind| (kind.table, kind.column))
}

/// Seals all that an older key of the ring sealed under the current one. `told` hears of each column when it is done.
pub async fn reseal(
    pool: &PgPool,
    ring: &KeyRing,
    mut told: impl FnMut(Resealed),
) -> Result<u64, sqlx::Error> {
    let mut unreadable = 0;
    for kind in &KINDS {
        let done = kind.reseal(pool, ring).await?;
        unreadable += done.unreadable;
        told(done);
    }
    Ok(unreadable)
}

impl Kind {
    async fn reseal(&self, pool: &PgPool, ring: &KeyRing) -> Result<Resealed, sqlx::Error> {
        let mut done = Resealed { table: self.table, column: self.column, resealed: 0, unreadable: 0 };
        for _ in 0..ROUNDS_MAX {
            done.unreadable = 0;
            let mut missed = false;
            let mut after: Option<String> = None;
            loop {
                let stale = self.stale_after(pool, ring, after.as_deref()).await?;
                let Some((last, _)) = stale.last() else { break };
                after = Some(last.clone());
                let (fresh, unreadable) = self.sealed_anew(ring, &stale);
                done.unreadable += unreadable;
                let replaced = self.replace(pool, &fresh).await?;
                missed |= replaced < fresh.len() as u64;
                done.resealed += replaced;
            }
            if !missed {
                break;
            }
        }
        Ok(done)
    }

    /// The next values that are not under the current key, by key.
    async fn stale_after(
        &self,
        pool: &PgPool,
        ring: &KeyRing,
        after: Option<&str>,
    ) -> Result<Vec<(String, Vec<u8>)>, sqlx::Error> {
        let Self { table, column, key, key_type, .. } = self;
        let mark = ring.mark();
        sqlx::query_as(&format!(
            "select {key}::text, {column} from {table}
             where {column} is not null and substr({column}, 1, $1) <> $2
               and ($3::text is null or {key} > $3::{key_type})
             order by {key} limit $4"
        ))
        .bind(i32::try_from(mark.len()).unwrap_or(i32::MAX))
        .bind(&mark)
        .bind(after)
        .bind(PORTION)
        .fetch_all(pool)
        .await
    }

    /// The values under the current key, each with what it replaces; and how many could not be opened.
    fn sealed_anew(&self, ring: &KeyRing, stale: &[(String, Vec<u8>)]) -> (Vec<Replacement>, u64) {
        let mut fresh = Vec::with_capacity(stale.len());
        let mut unreadable = 0;
        for (key, old) in stale {
            let owner = (self.owner)(key);
            let opened: Result<Zeroizing<Vec<u8>>, SecretError> = ring.open(&owner, old);
            match opened {
                Ok(plain) => {
                    let new = ring.seal(&owner, &plain);
                    fresh.push(Replacement { key: key.clone(), old: old.clone(), new });
                }
                Err(error) => {
                    tracing::warn!(table = self.table, column = self.column, key, %error, "a value stays as it is");
                    unreadable += 1;
                }
            }
        }
        (fresh, unreadable)
    }

    /// Puts the fresh values in place of the old ones, where those still stand.
    async fn replace(&self, pool: &PgPool, fresh: &[Replacement]) -> Result<u64, sqlx::Error> {
        if fresh.is_empty() {
            return Ok(0);
        }
        let Self { table, column, key, key_type, .. } = self;
        let replaced = sqlx::query(&format!(
            "update {table} set {column} = given.fresh
             from unnest($1::text[], $2::bytea[], $3::bytea[]) as given (of_row, stale, fresh)
             where {key} = given.of_row::{key_type} and {column} = given.stale"
        ))
        .bind(fresh.iter().map(|one| one.key.as_str()).collect::<Vec<_>>())
        .bind(fresh.iter().map(|one| one.old.as_slice()).collect::<Vec<_>>())
        .bind(fresh.iter().map(|one| one.new.as_slice()).collect::<Vec<_>>())
        .execute(pool)
        .await?;
        Ok(replaced.rows_affected())
    }
}

struct Replacement {
    key: String,
    old: Vec<u8>,
    new: Vec<u8>,
}
