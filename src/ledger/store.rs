//! The event store of one command: cqrs-es loads the order that was opened for it, and commits through the queue.

use std::collections::HashMap;
use std::ops::{DerefMut, Range};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use cqrs_es::persist::PersistedEventRepository;
use cqrs_es::{AggregateContext, AggregateError, EventEnvelope, EventStore};
use logistics_domain::framework::upcast;
use logistics_domain::order::Observed;
use logistics_domain::{LogisticsOrder, OrderEvent, Provenance, Refusal};
use sqlx::PgConnection;
use tokio::sync::oneshot;

use super::Shared;
use super::append::Append;
use super::check::{is_superseded, worth_keeping};
use super::compose::{Composition, compose};
use super::dedicated_connection::ConnectionWithFacets;
use super::error::{Failure, LedgerError, failure};
use super::intent::{Committed, RawPayload};
use super::load::Opened;
use super::order_cache::Folded;
use super::statement;
use super::writer::{NotCommitted, Waiting};
use crate::jobs::NewJob;
use crate::postgres::in_time;
use crate::telemetry::meters;
use logistics_projections::recipients::Recipient;

/// What goes with the events of the command.
pub(super) struct Accompaniment {
    pub(super) recipient: Option<Recipient>,
    pub(super) raw: Option<RawPayload>,
    pub(super) jobs: Vec<NewJob>,
    /// The answer of upstream that the command is about.
    pub(super) answer: Option<Observed>,
}

/// How an append is committed.
#[derive(Clone, Copy)]
pub(super) enum CommitPath<'a> {
    /// With what other commands append, by the writer.
    Queue,
    /// On a connection that the command has for itself.
    OwnConnection(&'a tokio::sync::Mutex<ConnectionWithFacets<AnyConnection>>),
    /// In a transaction that the caller began, and ends.
    InTransaction(&'a tokio::sync::Mutex<ConnectionWithFacets<AnyConnection>>),
}

/// A connection, or a transaction on one.
pub(super) type AnyConnection = dyn DerefMut<Target = PgConnection> + Send;

/// A store for one command on one order.
pub(super) struct OrderStore<'a> {
    shared: &'a Shared,
    provenance: &'a Provenance,
    outcome: &'a OnceLock<Committed>,
    opened: Mutex<Option<(Opened, Box<Accompaniment>)>>,
    path: CommitPath<'a>,
}

/// The order, as the framework carries it from load to commit.
pub(super) struct OrderContext {
    aggregate: Box<LogisticsOrder>,
    /// The order as opened, its state moved into `aggregate`.
    opened: Opened,
    with: Box<Accompaniment>,
}

impl AggregateContext<LogisticsOrder> for OrderContext {
    fn aggregate(&mut self) -> &mut LogisticsOrder {
        &mut self.aggregate
    }
}

type StoreError = AggregateError<Refusal>;

impl<'a> OrderStore<'a> {
    pub(super) const fn new(
        shared: &'a Shared,
        provenance: &'a Provenance,
        outcome: &'a OnceLock<Committed>,
        opened: (Opened, Box<Accompaniment>),
        path: CommitPath<'a>,
    ) -> Self {
        Self { shared, provenance, outcome, opened: Mutex::new(Some(opened)), path }
    }

    /// Commits an append and tells its positions.
    async fn append(&self, append: Box<Append>) -> Result<Range<i64>, StoreError> {
        match self.path {
            CommitPath::Queue => self.append_through_queue(append).await,
            CommitPath::OwnConnection(connection) | CommitPath::InTransaction(connection) => {
                let mut own = connection.lock().await;
                append_at_once(&mut own, &append, self.shared.settings.commit_wait).await
            }
        }
    }

    /// Whether the order as the command leaves it is cached: only what is committed is.
    fn is_cached(&self) -> bool {
        !matches!(self.path, CommitPath::InTransaction(_)) && self.shared.loader.order_cache.has_room()
    }

    /// Hands an append to the writer and waits for its positions.
    async fn append_through_queue(&self, append: Box<Append>) -> Result<Range<i64>, StoreError> {
        let stream = append.stream;
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { append, answer };
        self.shared.queue.send(waiting).await.map_err(|_| unexpected(LedgerError::Stopped))?;
        match answered.await {
            Ok(Ok(positions)) => Ok(positions),
            Ok(Err(NotCommitted::Conflict)) => Err(AggregateError::AggregateConflict),
            Ok(Err(NotCommitted::Away(error))) => Err(unexpected(LedgerError::Unavailable(error))),
            Ok(Err(NotCommitted::Rejected(source))) => {
                Err(unexpected(LedgerError::Rejected { stream, source }))
            }
            Err(_) => Err(unexpected(LedgerError::Stopped)),
        }
    }

    /// Nothing happened. That it was looked at may be worth a row.
    async fn nothing_new(&self, context: OrderContext) -> Result<(), StoreError> {
        let OrderContext { aggregate, opened: Opened { mut order, begun }, with } = context;
        order.order = aggregate.0;
        let superseded = with.answer.as_ref().is_some_and(|answer| is_superseded(&order, answer));
        let answer = with.answer.filter(|_| !superseded);
        let check = answer.and_then(|answer| worth_keeping(&order, answer, self.provenance.source));
        if check.is_some() && begun {
            let address = order.address;
            let append = Append { check, ..Append::to(address.tenant.0, address.stream()) };
            self.append(Box::new(append)).await?;
        }
        self.done(Committed::nothing(order.version, superseded))
    }

    fn done(&self, committed: Committed) -> Result<(), StoreError> {
        self.outcome.set(committed).map_err(|_| StoreError::AggregateConflict)
    }
}

/// Commits an append by itself.
async fn append_at_once(
    ConnectionWithFacets { facets, connection }: &mut ConnectionWithFacets<AnyConnection>,
    append: &Append,
    wait: Duration,
) -> Result<Range<i64>, StoreError> {
    let begun = Instant::now();
    let committed = in_time(wait, statement::commit(connection, facets, &[append])).await;
    let firsts = committed.map_err(|error| match failure(&error) {
        Failure::Conflict => AggregateError::AggregateConflict,
        Failure::Away => unexpected(LedgerError::Unavailable(Arc::new(error))),
        Failure::Rejected => {
            unexpected(LedgerError::Rejected { stream: append.stream, source: Arc::new(error) })
        }
    })?;
    meters::committed(1, append.events.len(), begun.elapsed());
    let first = firsts.first().copied().unwrap_or_default();
    Ok(first..first + i64::try_from(append.events.len()).unwrap_or(i64::MAX))
}

/// Our own error, carried through the framework; [`super::execute`] takes it out again.
fn unexpected(error: LedgerError) -> StoreError {
    AggregateError::UnexpectedError(Box::new(error))
}

impl EventStore<LogisticsOrder> for OrderStore<'_> {
    type AC = OrderContext;

    async fn load_events(
        &self,
        aggregate_id: &str,
    ) -> Result<Vec<EventEnvelope<LogisticsOrder>>, StoreError> {
        let loader = &self.shared.loader;
        let stored = loader.repository.get_events::<LogisticsOrder>(aggregate_id).await?;
        let envelope = |event| upcast(event, &loader.upcasters).try_into();
        stored
            .into_iter()
            .map(envelope)
            .collect::<Result<_, cqrs_es::persist::PersistenceError>>()
            .map_err(Into::into)
    }

    /// The order as it was opened: the command was made for exactly this state.
    async fn load_aggregate(&self, _aggregate_id: &str) -> Result<OrderContext, StoreError> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (mut opened, with) = opened.ok_or(StoreError::AggregateConflict)?;
        let aggregate = Box::new(LogisticsOrder(std::mem::take(&mut opened.order.order)));
        Ok(OrderContext { aggregate, opened, with })
    }

    async fn commit(
        &self,
        events: Vec<OrderEvent>,
        context: OrderContext,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<LogisticsOrder>>, StoreError> {
        if events.is_empty() {
            return self.nothing_new(context).await.map(|()| vec![]);
        }
        let OrderContext { aggregate, opened, with } = context;
        let version = opened.order.version;
        let stream = opened.order.address.stream();
        let append = compose(Composition {
            shared: self.shared,
            provenance: self.provenance,
            after: &aggregate.0,
            opened,
            with,
            events: &events,
            metadata: &metadata,
        })
        .map_err(unexpected)?;
        let folded = append.events.last().filter(|_| self.is_cached()).map(|last| Folded {
            order: aggregate.0,
            row: append.row.clone(),
            version: last.sequence,
            last: last.content_hash,
        });
        let positions = self.append(append).await?;
        if let Some(folded) = folded {
            self.shared.loader.order_cache.keep(stream, folded);
        }
        let (id, count) = (stream.to_string(), events.len());
        let envelopes = (version + 1..).zip(&events).map(|(sequence, event)| EventEnvelope {
            aggregate_id: id.clone(),
            sequence: usize::try_from(sequence).unwrap_or_default(),
            payload: event.clone(),
            metadata: metadata.clone(),
        });
        let envelopes = envelopes.collect();
        let version = version + i64::try_from(count).unwrap_or_default();
        self.done(Committed { version, events, positions, superseded: false })?;
        Ok(envelopes)
    }
}
