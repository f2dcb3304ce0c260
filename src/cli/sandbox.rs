//! `ledger sandbox`: a simulated Mintsoft, until it is asked to end. It keeps nothing.

use std::net::SocketAddr;

use clap::Args;

use super::{answer, end_when_asked};
use crate::sandbox::{Life, Sandbox, SandboxSettings};

/// Arguments of `ledger sandbox`.
#[derive(Args, Debug)]
pub(super) struct SandboxCommand {
    /// The address to listen on; anybody who reaches it may move the simulated world
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// What all chance grows from; the same seed and calls give the same answers
    #[arg(long, default_value_t = 7, value_name = "NUMBER")]
    seed: u64,
    /// Keep the world still: no order appears or moves by itself
    #[arg(long)]
    still: bool,
}

impl SandboxCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let ending = end_when_asked();
        let life = if self.still { None } else { Some(Life::default()) };
        let settings =
            SandboxSettings { listen: self.listen, seed: self.seed, life, ..SandboxSettings::default() };
        let users = settings.users.clone();
        let sandbox = Sandbox::start(settings).await?;
        answer(&format!("a simulated Mintsoft listens on {}", sandbox.url()))?;
        for user in users {
            answer(&format!("log in as {} with the password {}", user.username, user.password))?;
        }
        ending.cancelled().await;
        sandbox.stop().await;
        Ok(())
    }
}
