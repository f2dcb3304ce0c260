//! A stream over which what is written has to get on: it breaks where nothing of it is taken for too long.
//! Absent: how long a whole answer may take. Whoever takes it little by little is served, and where nothing is to be written
//! nothing is waited for.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream, and how long nothing may be taken of what is written to it.
pub(super) struct Progressing<S> {
    stream: S,
    taken_within: Duration,
    /// Runs while the other side takes nothing.
    patience: Option<Pin<Box<Sleep>>>,
}

impl<S> Progressing<S> {
    pub(super) const fn over(stream: S, taken_within: Duration) -> Self {
        Self { stream, taken_within, patience: None }
    }

    /// The outcome of a write; an error where none got on for too long.
    fn watched(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.patience = None;
            return written;
        }
        let taken_within = self.taken_within;
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(taken_within)));
        ready!(patience.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Progressing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Progressing<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watched(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.watched(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    // What is left to these two is the system's: a socket has nothing to wait for.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn a_stream_breaks_where_nothing_is_taken() {
        let (near, _far) = duplex(8);
        let mut stream = Progressing::over(near, Duration::from_millis(5));
        let broken = stream.write_all(&[0; 9]).await.unwrap_err();
        assert_eq!(broken.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn where_nothing_is_to_be_written_nothing_is_waited_for() {
        let (near, mut far) = duplex(8);
        let mut stream = Progressing::over(near, Duration::from_millis(1));
        for _ in 0..3 {
            stream.write_all(b"event").await.unwrap();
            far.read_exact(&mut [0; 5]).await.unwrap();
            sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn whoever_takes_a_part_has_all_the_time_again() {
        let (near, mut far) = duplex(8);
        let mut stream = Progressing::over(near, Duration::from_hours(1));
        stream.write_all(&[0; 8]).await.unwrap();
        let mut write =
            async || poll_fn(|context| Poll::Ready(Pin::new(&mut stream).poll_write(context, &[0]))).await;
        assert!(write().await.is_pending());
        far.read_exact(&mut [0; 1]).await.unwrap();
        assert!(write().await.is_ready());
        assert!(stream.patience.is_none());
    }
}
