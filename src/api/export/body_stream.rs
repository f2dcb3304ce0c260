//! What the work hands to the answer: pieces of a file, and beside them whether they were all.

use std::io;

use axum::body::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::{mpsc, oneshot};

/// How many pieces of a file wait to be taken.
const WAITING_MAX: usize = 2;

/// A part of a file, or why there are no more.
pub(super) type Piece = Result<Bytes, sqlx::Error>;

/// Says that all pieces were handed over. Beside their queue, which is full where the caller is slow; and who gives up
/// need not say so: a file is whole only where this was called.
pub(super) struct Whole(oneshot::Sender<()>);

impl Whole {
    /// Nothing is missing.
    pub(super) fn say(self) {
        // Whoever is not there any more need not know.
        let _gone = self.0.send(());
    }
}

/// The taking end.
pub(super) struct Given {
    pieces: mpsc::Receiver<Piece>,
    whole: oneshot::Receiver<()>,
}

/// The ends of a file that is handed over.
pub(super) fn handing() -> (mpsc::Sender<Piece>, Whole, Given) {
    let ((give, pieces), (say, whole)) = (mpsc::channel(WAITING_MAX), oneshot::channel());
    (give, Whole(say), Given { pieces, whole })
}

#[derive(Debug, thiserror::Error)]
#[error("an export broke off before its end")]
struct BrokenOff;

impl Given {
    /// The first piece; none where the work ended without any.
    pub(super) async fn first(&mut self) -> Option<Piece> {
        self.pieces.recv().await
    }

    /// The first piece and those that follow. A file that is not whole ends with an error, by which its connection breaks.
    pub(super) fn follow(self, first: Bytes) -> impl Stream<Item = io::Result<Bytes>> {
        stream::unfold((Some(first), Some(self)), |(first, given)| async move {
            let mut given = given?;
            if let Some(first) = first {
                return Some((Ok(first), (None, Some(given))));
            }
            match given.pieces.recv().await {
                Some(Ok(piece)) => Some((Ok(piece), (None, Some(given)))),
                Some(Err(error)) => Some((Err(io::Error::other(error)), (None, None))),
                None if given.whole.await.is_ok() => None,
                None => Some((Err(io::Error::other(BrokenOff)), (None, None))),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};

    use super::*;

    /// Three pieces are handed over, and then said to be all or not; what the caller gets.
    async fn taken(is_whole: bool) -> Result<Bytes, axum::Error> {
        let (give, whole, mut given) = handing();
        give.try_send(Ok("1".into())).unwrap();
        let Some(Ok(first)) = given.first().await else { panic!("the first piece") };
        for piece in ["2", "3"] {
            give.try_send(Ok(piece.into())).unwrap();
        }
        drop(give);
        if is_whole {
            whole.say();
        } else {
            drop(whole);
        }
        to_bytes(Body::from_stream(given.follow(first)), 10).await
    }

    #[tokio::test]
    async fn a_file_that_was_given_up_does_not_look_whole() {
        assert!(taken(false).await.is_err(), "the pieces that waited are not the file");
        assert_eq!(taken(true).await.unwrap(), "123");
    }
}
