//! The connections that requests come over: how many there are at once, how long each may be silent or take nothing, and how they
//! end. Absent: what is answered on them.

mod progress;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Layer as _, ServiceExt as _};

use self::progress::Progressing;
use crate::api::TIME_LIMIT;

/// How connections are taken.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionSettings {
    /// How many there may be at once; who comes on top waits until one ends.
    pub at_once_max: usize,
    /// How long a new one may take until it has asked for something, with all headers.
    pub first_request_within: Duration,
    /// The same after each answer, from its end to the next request's headers. It has to be longer than a proxy keeps its own,
    /// so that none is closed while one sends over it; not every proxy can be told how long that is.
    pub next_request_within: Duration,
    /// How long nothing may be taken of an answer before its connection is closed. Systems hold much for a slow line, and tell
    /// only now and then that some of it was taken.
    pub taken_within: Duration,
    /// How long those under way may go on once the service stops. Every answer is given by then; who does not take it, or the
    /// end of a long one, keeps nobody waiting.
    pub ended_within: Duration,
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self {
            at_once_max: 4096,
            first_request_within: Duration::from_secs(10),
            next_request_within: Duration::from_secs(75),
            taken_within: Duration::from_mins(1),
            ended_within: TIME_LIMIT,
        }
    }
}

/// Answers until the service stops, and then until every connection has ended, or is ended.
pub(super) async fn serve(
    mut listener: TcpListener,
    router: Router,
    settings: ConnectionSettings,
    stopping: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(settings.at_once_max.clamp(1, Semaphore::MAX_PERMITS)));
    let (connections, too_long) = (TaskTracker::new(), CancellationToken::new());
    loop {
        let accepting = async {
            let place = Arc::clone(&places).acquire_owned().await;
            // The stream's own `accept` would give up at an error that passes.
            (place, Listener::accept(&mut listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            accepted = accepting => accepted,
            () = stopping.cancelled() => break,
        };
        let connection = Connection { peer, settings, stopping: stopping.clone() };
        let answering = connection.answer(stream, router.clone());
        let too_long = too_long.clone();
        connections.spawn(async move {
            let _place = place;
            too_long.run_until_cancelled(answering).await;
        });
    }
    drop(listener);
    connections.close();
    if timeout(settings.ended_within, connections.wait()).await.is_err() {
        tracing::warn!("some did not take their answers; the service stops without them");
        // With the connection ends whatever works for it, which would hold what is closed next.
        too_long.cancel();
        connections.wait().await;
    }
}

/// One connection.
struct Connection {
    peer: SocketAddr,
    settings: ConnectionSettings,
    stopping: CancellationToken,
}

impl Connection {
    /// Answers what is asked over it, until it ends or becomes a WebSocket.
    async fn answer(self, stream: TcpStream, router: Router) {
        let (asked, asking) = (Arc::new(Notify::new()), Extension(ConnectInfo(self.peer)).layer(router));
        let heard = Arc::clone(&asked);
        let service = TowerToHyperService::new(asking.map_request(move |request| {
            heard.notify_one();
            request
        }));
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(self.settings.next_request_within);
        let stream = TokioIo::new(Progressing::over(stream, self.settings.taken_within));
        let mut connection = pin!(builder.serve_connection_with_upgrades(stream, service));
        // The time for headers does not run before the first bytes have told which protocol is spoken.
        let mut first_request = pin!(timeout(self.settings.first_request_within, asked.notified()));
        let (mut is_new, mut is_ending) = (true, false);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::trace!(%error, "a connection broke off");
                    }
                    return;
                }
                asked = first_request.as_mut(), if is_new => match asked {
                    Ok(()) => is_new = false,
                    Err(_) => return,
                },
                () = self.stopping.cancelled(), if !is_ending => {
                    is_ending = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}
