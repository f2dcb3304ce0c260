//! `ledger verify`: verifies the ledgers in the database, or a file that somebody took away, for which no database is needed. It
//! changes nothing of a ledger. What is found is told a line each; then the status is 1.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use logistics_domain::TenantId;
use sqlx::PgPool;

use super::table::printable;
use super::{answer, session, verified_file};
use crate::access::operator_scope;
use crate::audit::checkpoints::verifier_keys;
use crate::audit::note::{Checkpoint, VerifierKey};
use crate::audit::verify_file::{open, tenant_of};
use crate::audit::verify_ledger::verify_ledger;
use crate::audit::{AuditFile, KEYS_MAX, LedgerReport};
use crate::config::DatabaseArgs;
use crate::tenancy::{TenancyError, find_tenant, list_tenants};

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// The most tenants that are read at once.
const TENANTS_PAGE: i64 = 500;

/// Arguments of `ledger verify`.
#[derive(Args, Debug)]
pub(super) struct VerifyCommand {
    /// A dossier or checkpoint that was taken away, to be verified without any database; `-` reads it from standard input.
    /// Without a file, the ledgers in the database are verified
    #[arg(conflicts_with = "tenant")]
    file: Option<PathBuf>,
    /// Verify the ledger of this tenant alone
    #[arg(long, value_name = "ID")]
    tenant: Option<i64>,
    /// An earlier checkpoint that was kept elsewhere: what is verified has to begin with the same events. A checkpoint, its note
    /// alone, or a dossier; may be given several times
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// The verifier key that checkpoints have to be signed with, as name+hash+key, got elsewhere than the file; may be given
    /// several times, as after the key was renewed
    #[arg(long, value_name = "KEY")]
    key: Vec<VerifierKey>,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl VerifyCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let kept = self.against.iter().map(|path| Ok((path.as_path(), read(path)?)));
        let kept: Vec<(&Path, AuditFile)> = kept.collect::<anyhow::Result<_>>()?;
        if let Some(path) = &self.file {
            return verified_file::tell(&read(path)?, &kept, &self.key);
        }
        if self.tenant.is_none() && !(self.key.is_empty() && kept.is_empty()) {
            bail!(
                "a key and a checkpoint are of one tenant; name it with --tenant, or give a file to verify"
            );
        }
        session::with_database(&self.database, |pool| async move {
            match self.tenant.map(TenantId) {
                Some(tenant) => verify_one(&pool, tenant, &self.key, &kept).await,
                None => verify_all(&pool).await,
            }
        })
        .await
    }
}

/// Reads a file that somebody took away.
fn read(path: &Path) -> anyhow::Result<AuditFile> {
    let told = || format!("{} cannot be verified", path.display());
    let text =
        if path == Path::new("-") { limited(io::stdin().lock()) } else { File::open(path).and_then(limited) };
    let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
    AuditFile::read(&text).with_context(told)
}

fn limited(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    if source.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)? as u64 > FILE_BYTES_MAX {
        return Err(io::Error::other("it is larger than 256 MiB, which no dossier is"));
    }
    Ok(text)
}

async fn verify_one(
    pool: &PgPool,
    tenant: TenantId,
    keys: &[VerifierKey],
    kept: &[(&Path, AuditFile)],
) -> anyhow::Result<()> {
    let named = find_tenant(pool, tenant).await?.ok_or(TenancyError::UnknownTenant)?;
    let mut checkpoints = Vec::with_capacity(kept.len());
    for (path, file) in kept {
        let checkpoint = opened(pool, tenant, keys, file).await;
        checkpoints.push(checkpoint.with_context(|| format!("{} is not used", path.display()))?);
    }
    let mut tally = Tally::default();
    tally.verify(pool, tenant, &named.slug, keys, &checkpoints).await?;
    tally.end()
}

async fn verify_all(pool: &PgPool) -> anyhow::Result<()> {
    let (mut skip, mut tally) = (0, Tally::default());
    loop {
        let (_, tenants) = list_tenants(pool, None, None, skip, TENANTS_PAGE).await?;
        for tenant in &tenants {
            tally.verify(pool, TenantId(tenant.id), &tenant.slug, &[], &[]).await?;
        }
        if tenants.is_empty() {
            return tally.end();
        }
        skip += TENANTS_PAGE;
    }
}

/// The checkpoint in a file that was kept, once its signature is verified: by a key that was given, else by its own, or, for a note
/// alone, by one of those that signed the ledger's checkpoints.
async fn opened(
    pool: &PgPool,
    tenant: TenantId,
    keys: &[VerifierKey],
    file: &AuditFile,
) -> anyhow::Result<Checkpoint> {
    let mut trusted = keys.to_vec();
    if trusted.is_empty() {
        trusted.extend(file.own_key()?);
    }
    if trusted.is_empty() {
        let stored = verifier_keys(pool, &operator_scope(tenant), i64::from(KEYS_MAX)).await?;
        trusted.extend(stored.iter().filter_map(|key| key.parse().ok()));
    }
    let (checkpoint, _) = open(&trusted, file.note())?;
    if tenant_of(&checkpoint.origin) != Some(tenant) {
        bail!("it is of the log {}, and not of tenant {}", checkpoint.origin, tenant.0);
    }
    Ok(checkpoint)
}

/// What came of all ledgers.
#[derive(Default)]
struct Tally {
    /// How many have findings.
    damaged: u64,
    /// How many could not be read to their end.
    unread: u64,
    /// Whether checkpoints were held by keys that stand beside them.
    by_own_keys: bool,
}

impl Tally {
    /// Verifies a ledger and tells what came of it. Where the database fails at one, the next one is tried all the same.
    async fn verify(
        &mut self,
        pool: &PgPool,
        tenant: TenantId,
        slug: &str,
        keys: &[VerifierKey],
        kept: &[Checkpoint],
    ) -> anyhow::Result<()> {
        let report = verify_ledger(pool, operator_scope(tenant), keys, kept).await;
        self.damaged += u64::from(!report.findings.is_empty());
        self.unread += u64::from(report.broken_off.is_some());
        self.by_own_keys |= keys.is_empty() && !report.keys.is_empty();
        for line in lines(tenant, slug, report) {
            answer(&printable(&line))?;
        }
        Ok(())
    }

    fn end(&self) -> anyhow::Result<()> {
        if self.by_own_keys {
            answer(
                "the keys came with the database; compare them with ones that you got elsewhere, or give those with --key",
            )?;
        }
        let ledgers = |count| if count == 1 { "a ledger".to_owned() } else { format!("{count} ledgers") };
        let is = |count| if count == 1 { "is" } else { "are" };
        match (self.damaged, self.unread) {
            (0, 0) => Ok(()),
            (0, unread) => {
                bail!(
                    "{} could not be read to the end; try again, and see what the line of it says",
                    ledgers(unread)
                )
            }
            (damaged, _) => bail!(
                "{} {} not as recorded and sealed; change nothing, keep a copy of the database and the checkpoints, and see docs/audit.md",
                ledgers(damaged),
                is(damaged)
            ),
        }
    }
}

fn lines(tenant: TenantId, slug: &str, report: LedgerReport) -> Vec<String> {
    let unsealed = report.unsealed();
    let LedgerReport {
        events,
        checkpoints,
        holding,
        sealed,
        keys,
        has_more_keys,
        findings,
        further,
        broken_off,
    } = report;
    let newest =
        sealed.map_or_else(|| "nothing sealed yet".to_owned(), |size| format!("the newest of {size} events"));
    let mut lines = vec![format!(
        "tenant {} ({slug}): {events} events; {holding} of {checkpoints} checkpoints hold, {newest}; {unsealed} events not sealed yet",
        tenant.0,
    )];
    lines.extend(keys.iter().map(|key| format!("  signed by the key {key}")));
    if has_more_keys {
        lines.push("  and by more keys".to_owned());
    }
    lines.extend(findings.iter().map(|finding| format!("  {finding}")));
    if further > 0 {
        lines.push(format!("  and {further} more"));
    }
    if let Some(error) = broken_off {
        let error = anyhow::Error::from(error);
        lines.push(format!("  it could not be read any further: {error:#}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::Ed25519KeyPair;

    use super::*;
    use crate::audit::Finding;

    fn whole() -> LedgerReport {
        LedgerReport { events: 30, checkpoints: 2, holding: 2, sealed: Some(28), ..LedgerReport::default() }
    }

    #[test]
    fn a_ledger_is_told_in_a_line_and_each_finding_in_another() {
        let told = |report| lines(TenantId(7), "ladore", report);
        assert_eq!(
            told(whole()),
            [
                "tenant 7 (ladore): 30 events; 2 of 2 checkpoints hold, the newest of 28 events; 2 events not sealed yet"
            ]
        );
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key = VerifierKey::of("ledger.example/tenants/7", &pair);
        let damaged = LedgerReport {
            keys: vec![key.clone()],
            findings: vec![Finding::Missing { begin: 3, end: 4 }],
            further: 9,
            broken_off: Some(sqlx::Error::PoolClosed),
            ..whole()
        };
        assert_eq!(
            told(damaged)[1..],
            [
                &format!("  signed by the key {key}"),
                "  there is no event at the positions from 3 up to 4 without it",
                "  and 9 more",
                "  it could not be read any further: attempted to acquire a connection on a closed pool",
            ]
        );
        assert!(told(LedgerReport::default())[0].contains("nothing sealed yet"));
    }

    #[test]
    fn what_is_damaged_or_was_not_read_is_a_failure() {
        let end = |damaged, unread| Tally { damaged, unread, by_own_keys: false }.end();
        assert!(end(0, 0).is_ok());
        assert!(end(0, 1).unwrap_err().to_string().starts_with("a ledger could not be read to the end"));
        for (damaged, told) in [(1, "a ledger is not as"), (2, "2 ledgers are not as")] {
            assert!(end(damaged, 1).unwrap_err().to_string().starts_with(told));
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read_to_its_end() {
        assert_eq!(limited(&b"short"[..]).unwrap(), "short");
        assert!(limited(io::repeat(b' ')).is_err());
    }
}
