//! What is known of a stream beside its history: whose it is, its sealed key, the last check. Questions of
//! concurrent commands are gathered, so that many commands cost one query.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use logistics_domain::order::Observed;
use logistics_domain::{OrderStreamId, TenantId};
use sqlx::PgConnection;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::error::LedgerError;
use super::line::Line;

/// The most questions that wait, and the most that are asked at once.
const QUESTIONS_MAX: usize = 512;

/// A stream as `order_streams` and `order_checks` have it.
#[derive(Clone, Debug)]
pub(super) struct StreamRecord {
    pub(super) owner: TenantId,
    /// None once it was destroyed.
    pub(super) sealed_key: Option<Vec<u8>>,
    pub(super) last_checked: Option<Observed>,
}

type Answer = Result<Option<StreamRecord>, Arc<sqlx::Error>>;

/// A question that waits for its answer.
pub(super) struct Question {
    stream: Uuid,
    answer: oneshot::Sender<Answer>,
}

/// Where questions are asked.
#[derive(Clone)]
pub(super) struct Streams(mpsc::Sender<Question>);

impl Streams {
    pub(super) fn queue() -> (Self, mpsc::Receiver<Question>) {
        let (ask, asked) = mpsc::channel(QUESTIONS_MAX);
        (Self(ask), asked)
    }

    /// What is known of a stream; none where it has not begun.
    pub(super) async fn look_up(&self, stream: OrderStreamId) -> Result<Option<StreamRecord>, LedgerError> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Question { stream: stream.0, answer }).await.map_err(|_| LedgerError::Stopped)?;
        answered.await.map_err(|_| LedgerError::Stopped)?.map_err(LedgerError::Unavailable)
    }
}

/// Answers questions until nobody can ask any more. Stopping takes no more of them.
pub(super) async fn answer(mut line: Line, mut asked: mpsc::Receiver<Question>, stopping: CancellationToken) {
    let mut questions = Vec::with_capacity(QUESTIONS_MAX);
    loop {
        tokio::select! {
            biased;
            count = asked.recv_many(&mut questions, QUESTIONS_MAX) => if count == 0 { break },
            () = stopping.cancelled(), if !asked.is_closed() => {
                asked.close();
                continue;
            }
        }
        let streams: Vec<Uuid> = questions.iter().map(|question| question.stream).collect();
        let found = ask_twice(&mut line, &streams).await.map_err(Arc::new);
        for question in questions.drain(..) {
            let told = match &found {
                Ok(records) => Ok(records.get(&question.stream).cloned()),
                Err(error) => Err(Arc::clone(error)),
            };
            // Whoever asked may have given up.
            let _gone = question.answer.send(told);
        }
    }
    line.close().await;
}

/// A lost connection is replaced once: to read twice is harmless.
async fn ask_twice(line: &mut Line, streams: &[Uuid]) -> sqlx::Result<HashMap<Uuid, StreamRecord>> {
    if let Ok(found) = ask(line, streams).await {
        return Ok(found);
    }
    line.hang_up();
    ask(line, streams).await
}

async fn ask(line: &mut Line, streams: &[Uuid]) -> sqlx::Result<HashMap<Uuid, StreamRecord>> {
    records(line.open().await?, streams).await
}

#[derive(sqlx::FromRow)]
struct Row {
    stream_id: Uuid,
    tenant_id: i64,
    sealed_key: Option<Vec<u8>>,
    asked_at: Option<DateTime<Utc>>,
    answered_at: Option<DateTime<Utc>>,
    upstream_updated_at: Option<DateTime<Utc>>,
    raw_sha256: Option<String>,
}

/// Those of the streams that have begun.
pub(super) async fn records(
    connection: &mut PgConnection,
    streams: &[Uuid],
) -> sqlx::Result<HashMap<Uuid, StreamRecord>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select s.stream_id, s.tenant_id, s.sealed_key, c.asked_at, c.answered_at, c.upstream_updated_at,
                c.raw_sha256
         from order_streams s left join order_checks c on c.stream_id = s.stream_id
         where s.stream_id = any($1)",
    )
    .bind(streams)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.stream_id, row.into())).collect())
}

impl From<Row> for StreamRecord {
    fn from(row: Row) -> Self {
        let last_checked = row.asked_at.zip(row.answered_at).map(|(asked_at, answered_at)| Observed {
            asked_at,
            answered_at,
            upstream_updated_at: row.upstream_updated_at,
            raw_sha256: row.raw_sha256,
        });
        Self { owner: TenantId(row.tenant_id), sealed_key: row.sealed_key, last_checked }
    }
}
