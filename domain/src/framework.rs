//! The thin adapter between the pure decision and cqrs-es. No rule lives here.

#[cfg(test)]
pub(crate) mod scenario;
mod upcast;

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};

pub use self::upcast::{LaterShape, require_known_shape, upcast, upcasters};
use crate::order::{Command, Order, OrderEvent, Refusal, decide, evolve};

/// The order as an aggregate of the framework.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogisticsOrder(pub Order);

impl Aggregate for LogisticsOrder {
    const TYPE: &'static str = "logistics_order";
    type Command = Command;
    type Event = OrderEvent;
    type Error = Refusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: Command,
        _services: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refusal> {
        for event in decide(&self.0, &command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: OrderEvent) {
        evolve(&mut self.0, event);
    }
}

impl DomainEvent for OrderEvent {
    fn event_type(&self) -> String {
        self.name().to_owned()
    }

    fn event_version(&self) -> String {
        self.version().to_owned()
    }
}
