//! The command line: its words, and what each one runs. A file a command. What a command answers goes to standard output;
//! the log, and one sentence where it fails, to standard error. Status 0 is success, 1 failure, 2 words not understood.
//! Every command works while `serve` runs, on the private server too.

mod api_key;
mod audit;
mod demo;
mod erase;
mod history;
mod history_lines;
mod inbox;
mod keys;
mod migrate;
mod person;
mod rebuild;
mod sandbox;
mod serve;
mod session;
mod sync;
mod table;
mod tenant;
mod verified_file;
mod verify;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::LogArgs;
use crate::telemetry;

/// An event-sourced ledger of warehouse orders: where each one is, what is late, what needs a person.
#[derive(Debug, Parser)]
#[command(name = "ledger", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    log: LogArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the ledger at work on a simulated warehouse, with nothing to set up; every run begins anew
    Demo(demo::DemoCommand),
    /// Run the service
    Serve(serve::ServeCommand),
    /// Run a simulated Mintsoft to try the ledger with
    Sandbox(sandbox::SandboxCommand),
    /// Bring the database's tables up to date
    Migrate(migrate::MigrateCommand),
    /// Make the read tables anew from the log of events, while the service runs
    Rebuild(rebuild::RebuildCommand),
    /// Look after tenants
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Look after API keys
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// Look after the people who may sign in
    #[command(subcommand)]
    Person(person::PersonCommand),
    /// Look after the master keys, which encrypt what is secret
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Have a tenant's warehouse account read now, and wait until that is done
    Sync(sync::SyncCommand),
    /// Show the history of an order: what became known, when, and from whom
    History(history::HistoryCommand),
    /// Erase the personal data of an order, for good, also where the warehouse no longer shows the order
    Erase(erase::EraseCommand),
    /// Verify that no ledger was altered and nothing of it left out, or verify a file that was taken away
    Verify(verify::VerifyCommand),
    /// Take away what proves a ledger: checkpoints, dossiers of orders, and the keys that verify them
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Look after what shops and the warehouse sent
    #[command(subcommand)]
    Inbox(inbox::InboxCommand),
}

/// Runs the command that this process was started with.
pub fn main() -> ExitCode {
    let Cli { log, command } = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::from(error).context("no threads could be started")),
    };
    let outcome = telemetry::start(&log, command.usual_log())
        .map_err(anyhow::Error::from)
        .and_then(|()| runtime.block_on(command.run()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

impl Command {
    /// What is logged where nobody has said: the demo's terminal is for what moves.
    const fn usual_log(&self) -> &'static str {
        match self {
            Self::Demo(_) => "warn",
            _ => "info,sqlx=warn",
        }
    }

    async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Demo(command) => command.run().await,
            Self::Serve(command) => command.run().await,
            Self::Sandbox(command) => command.run().await,
            Self::Migrate(command) => command.run().await,
            Self::Rebuild(command) => command.run().await,
            Self::Tenant(command) => command.run().await,
            Self::ApiKey(command) => command.run().await,
            Self::Person(command) => command.run().await,
            Self::Keys(command) => command.run().await,
            Self::Sync(command) => command.run().await,
            Self::History(command) => command.run().await,
            Self::Erase(command) => command.run().await,
            Self::Verify(command) => command.run().await,
            Self::Audit(command) => command.run().await,
            Self::Inbox(command) => command.run().await,
        }
    }
}

/// Tells what went wrong and why, in one line.
fn fail(error: &anyhow::Error) -> ExitCode {
    // Where standard error is gone, nobody is left to tell.
    let _told = writeln!(io::stderr().lock(), "ledger: {}", table::printable(&in_one_line(error)));
    ExitCode::FAILURE
}

/// What went wrong, and its causes as far as they say more than what stands before them.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !told.ends_with(&cause) {
            // Writing into a string cannot fail.
            let _written = write!(told, ": {cause}");
        }
    }
    told.replace(['\n', '\r'], " ")
}

/// One line on standard output.
fn answer(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// For how long a second signal to end counts as the first one, passed on by a wrapper too.
const SAME_SIGNAL: Duration = Duration::from_secs(1);

/// The exit code of a process that was asked to end twice.
const ENDED_AT_ONCE: i32 = 130;

/// Cancels the token when somebody asks this process to end, with Ctrl-C or as a service's supervisor does. Whoever asks again,
/// later than a wrapper passes one signal on twice, does not want to wait: the process ends at once, as if it had been killed,
/// which loses nothing that was committed.
fn end_when_asked() -> CancellationToken {
    use tokio::signal::unix::{SignalKind, signal};

    let ending = CancellationToken::new();
    let asked = ending.clone();
    // Listened to without a gap: a signal that comes between two listeners would be lost.
    let listening = signal(SignalKind::interrupt())
        .and_then(|interrupted| Ok((interrupted, signal(SignalKind::terminate())?)));
    tokio::spawn(async move {
        let (mut interrupted, mut terminated) = match listening {
            Ok(listening) => listening,
            Err(error) => {
                tracing::error!(%error, "signals cannot be received");
                asked.cancel();
                return;
            }
        };
        let mut first_at: Option<Instant> = None;
        loop {
            let signalled = tokio::select! {
                signalled = interrupted.recv() => signalled,
                signalled = terminated.recv() => signalled,
            };
            if signalled.is_none() {
                return;
            }
            asked.cancel();
            if first_at.get_or_insert_with(Instant::now).elapsed() >= SAME_SIGNAL {
                tracing::warn!("asked to end once more: what is under way is broken off");
                std::process::exit(ENDED_AT_ONCE);
            }
        }
    });
    ending
}

#[cfg(test)]
mod tests;
