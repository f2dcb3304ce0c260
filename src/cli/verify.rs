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
use crate::audit::{AuditFile, LedgerReport};
use crate::config::DatabaseArgs;
use crate::tenancy::{TenancyError, find_tenant, list_tenants};

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// The most tenants that are read at once.
const TENANTS_PAGE: i64 = 500;

/// The most keys of a log that are tried on a kept note that does not come with its own.
const KEYS_MAX: i64 = 100;

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
    if verify(pool, tenant, &named.slug, keys, &checkpoints).await? { Ok(()) } else { found(1) }
}

async fn verify_all(pool: &PgPool) -> anyhow::Result<()> {
    let (mut skip, mut damaged) = (0, 0);
    loop {
        let (_, tenants) = list_tenants(pool, None, None, skip, TENANTS_PAGE).await?;
        for tenant in &tenants {
            if !verify(pool, TenantId(tenant.id), &tenant.slug, &[], &[]).await? {
                damaged += 1;
            }
        }
        if tenants.is_empty() {
            return if damaged == 0 { Ok(()) } else { found(damaged) };
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
        let stored = verifier_keys(pool, &operator_scope(tenant), KEYS_MAX).await?;
        trusted.extend(stored.iter().filter_map(|key| key.parse().ok()));
    }
    let (checkpoint, _) = open(&trusted, file.note())?;
    if tenant_of(&checkpoint.origin) != Some(tenant) {
        bail!("it is of the log {}, and not of tenant {}", checkpoint.origin, tenant.0);
    }
    Ok(checkpoint)
}

/// Verifies a ledger and tells what came of it; whether it holds.
async fn verify(
    pool: &PgPool,
    tenant: TenantId,
    slug: &str,
    keys: &[VerifierKey],
    kept: &[Checkpoint],
) -> anyhow::Result<bool> {
    let report = verify_ledger(pool, operator_scope(tenant), keys, kept).await;
    let report = report.with_context(|| format!("the ledger of tenant {} could not be read", tenant.0))?;
    for line in lines(tenant, slug, &report) {
        answer(&printable(&line))?;
    }
    Ok(report.holds())
}

fn lines(tenant: TenantId, slug: &str, report: &LedgerReport) -> Vec<String> {
    let LedgerReport { events, checkpoints, holding, sealed, findings, further } = report;
    let newest =
        sealed.map_or_else(|| "nothing sealed yet".to_owned(), |size| format!("the newest of {size} events"));
    let mut lines = vec![format!(
        "tenant {} ({slug}): {events} events; {holding} of {checkpoints} checkpoints hold, {newest}; {} events not sealed yet",
        tenant.0,
        report.unsealed()
    )];
    lines.extend(findings.iter().map(|finding| format!("  {finding}")));
    if *further > 0 {
        lines.push(format!("  and {further} more"));
    }
    lines
}

fn found(damaged: u64) -> anyhow::Result<()> {
    let ledgers = if damaged == 1 { "a ledger is".to_owned() } else { format!("{damaged} ledgers are") };
    bail!(
        "{ledgers} not as recorded and sealed; change nothing, keep a copy of the database and the checkpoints, and see docs/audit.md"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Finding;

    #[test]
    fn a_ledger_is_told_in_a_line_and_each_finding_in_another() {
        let mut report = LedgerReport {
            events: 30,
            checkpoints: 2,
            holding: 2,
            sealed: Some(28),
            ..LedgerReport::default()
        };
        assert_eq!(
            lines(TenantId(7), "ladore", &report),
            [
                "tenant 7 (ladore): 30 events; 2 of 2 checkpoints hold, the newest of 28 events; 2 events not sealed yet"
            ]
        );
        report.findings.push(Finding::Missing { begin: 3, end: 4 });
        report.further = 9;
        let told = lines(TenantId(7), "ladore", &report);
        assert_eq!(
            told[1..],
            ["  there is no event at the positions from 3 up to 4 without it", "  and 9 more"]
        );
        assert!(lines(TenantId(7), "ladore", &LedgerReport::default())[0].contains("nothing sealed yet"));
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read_to_its_end() {
        assert_eq!(limited(&b"short"[..]).unwrap(), "short");
        assert!(limited(io::repeat(b' ')).is_err());
    }
}
