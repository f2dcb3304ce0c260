//! A network between a pool and the server that can swallow whatever goes over connections that are open by then, as when
//! a host vanishes: nothing arrives, and nobody is told. New connections work.

use std::path::PathBuf;

use logistics_ledger::postgres::{self, PoolSettings};
use sqlx::PgPool;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;

use super::database::TestDatabase;

/// The network, as long as it is held.
pub struct Network {
    /// A pool of the service whose connections go over it.
    pub pool: PgPool,
    /// How often it has swallowed what was open.
    swallowed: watch::Sender<u32>,
}

impl Network {
    pub async fn before(database: &TestDatabase) -> Self {
        let options = database.pool().connect_options();
        let directory = options.get_socket().expect("the tests' server listens on a socket");
        let server = directory.join(format!(".s.PGSQL.{}", options.get_port()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let swallowed = watch::Sender::new(0);
        tokio::spawn(serve(listener, server, swallowed.subscribe()));
        let (user, name) = (options.get_username(), options.get_database().unwrap());
        let url = format!("postgres://{user}@127.0.0.1:{port}/{name}?sslmode=disable");
        let settings = PoolSettings { max_connections: 4, ..PoolSettings::default() };
        let pool = postgres::connect(&url, &settings).await.unwrap();
        Self { pool, swallowed }
    }

    /// From now on, nothing arrives that is sent over what is open now.
    pub fn swallow(&self) {
        self.swallowed.send_modify(|times| *times += 1);
    }
}

async fn serve(listener: TcpListener, server: PathBuf, swallowed: watch::Receiver<u32>) {
    while let Ok((caller, _)) = listener.accept().await {
        let server = UnixStream::connect(&server).await.unwrap();
        let ((from_caller, to_caller), (from_server, to_server)) = (caller.into_split(), server.into_split());
        tokio::spawn(pass_on(from_caller, to_server, swallowed.clone()));
        tokio::spawn(pass_on(from_server, to_caller, swallowed.clone()));
    }
}

async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    swallowed: watch::Receiver<u32>,
) {
    let begun_after = *swallowed.borrow();
    let mut held = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut held).await {
        if *swallowed.borrow() == begun_after && to.write_all(&held[..count]).await.is_err() {
            return;
        }
    }
}
