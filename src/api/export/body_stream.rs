//! The channel from the task that writes a file to the response that sends it: pieces of the file, and beside them whether the file
//! is complete.

use std::io;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::{mpsc, oneshot};

/// How many pieces of a file wait to be taken.
const WAITING_MAX: usize = 2;

/// A part of a file, or why there are no more.
pub(super) type Piece = Result<Bytes, sqlx::Error>;

/// Marks a file as complete, beside the queue of its pieces, which is full where the caller is slow. A writer that gives up drops
/// it: a file is complete only where it was marked so.
pub(super) struct Completion(oneshot::Sender<()>);

impl Completion {
    /// All pieces were sent.
    pub(super) fn mark_complete(self) {
        // Whoever is not there any more need not know.
        let _gone = self.0.send(());
    }
}

/// The receiving end.
pub(super) struct BodyReceiver {
    pieces: mpsc::Receiver<Piece>,
    complete: oneshot::Receiver<()>,
}

/// The ends of the channel.
pub(super) fn body_channel() -> (mpsc::Sender<Piece>, Completion, BodyReceiver) {
    let ((sender, pieces), (mark, complete)) = (mpsc::channel(WAITING_MAX), oneshot::channel());
    (sender, Completion(mark), BodyReceiver { pieces, complete })
}

#[derive(Debug, thiserror::Error)]
#[error("an export broke off before its end")]
struct BrokenOff;

impl BodyReceiver {
    /// The first piece; none where the work ended without any.
    pub(super) async fn first(&mut self) -> Option<Piece> {
        self.pieces.recv().await
    }

    /// The first piece and those that follow. A file that is not complete ends with an error, by which its connection breaks.
    pub(super) fn follow(self, first: Bytes) -> impl Stream<Item = io::Result<Bytes>> {
        let pieces = stream::unfold((Some(first), Some(self)), |(first, receiver)| async move {
            let mut receiver = receiver?;
            if let Some(first) = first {
                return Some((Ok(first), (None, Some(receiver))));
            }
            match receiver.pieces.recv().await {
                Some(Ok(piece)) => Some((Ok(piece), (None, Some(receiver)))),
                Some(Err(error)) => Some((Err(io::Error::other(error)), (None, None))),
                None if receiver.complete.await.is_ok() => None,
                None => Some((Err(io::Error::other(BrokenOff)), (None, None))),
            }
        });
        // What compresses it asks on after its end.
        pieces.fuse()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};

    use super::*;

    /// Three pieces are sent, and then marked as complete or not; what the caller gets.
    async fn taken(is_complete: bool) -> Result<Bytes, axum::Error> {
        let (sender, completion, mut receiver) = body_channel();
        sender.try_send(Ok("1".into())).unwrap();
        let Some(Ok(first)) = receiver.first().await else { panic!("the first piece") };
        for piece in ["2", "3"] {
            sender.try_send(Ok(piece.into())).unwrap();
        }
        drop(sender);
        if is_complete {
            completion.mark_complete();
        } else {
            drop(completion);
        }
        to_bytes(Body::from_stream(receiver.follow(first)), 10).await
    }

    #[tokio::test]
    async fn a_file_that_was_given_up_does_not_look_complete() {
        assert!(taken(false).await.is_err(), "the pieces that waited are not the file");
        assert_eq!(taken(true).await.unwrap(), "123");
    }
}
