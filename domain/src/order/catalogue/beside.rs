//! What stands beside events: their metadata, and the refusals that stand in their place.

use super::{Field, field};

/// The metadata that is stored with every event.
pub const METADATA: &[Field] = &[
    field(
        "source",
        "text",
        "`shop_webhook`, `connect_action`, `poll`, `recheck`, `refresh`, `user`, `operator` or `clock`",
    ),
    field(
        "actor",
        "text",
        "who acted: `system`, `key:<id>`, `user:<id>`, or `operator` (the command line); never a name or an address",
    ),
    field("correlation_id", "text", "one id for everything that one request, delivery or run caused"),
    field(
        "cause",
        "text, or absent",
        "what was behind it: `run:<id>` (a poll), `refresh:<id>` (somebody opened the order), `delivery:<id>` (a webhook), `decision:<id>` (an operator's, of a parked order) or `job:<id>`; absent where somebody asked directly",
    ),
    field(
        "observed_at",
        "instant",
        "when the fact was observed: upstream's answer, the person's request, or the look at the clock",
    ),
];

/// Every refusal by name, and when it is given. Nothing is recorded then.
pub const REFUSALS: &[(&str, &str)] = &[
    ("UnknownOrder", "anything but an observation, before the order was first observed"),
    ("WrongOrder", "an observation of another upstream order than the history belongs to"),
    ("AlreadyLinked", "a search finds a shop order for an order that is tied to another"),
    ("LinkUndone", "a search finds a shop order that the order was tied to before, and untied from"),
    ("CopyNotLinked", "a search finds a shop order for a copied order"),
    ("NotLinked", "undoing a link to a shop order that this order was never linked to"),
    ("AlreadyDispatched", "cancelling an order that left the warehouse"),
    ("AlreadyCancelled", "cancelling an order that is cancelled"),
    ("Vanished", "asking something of an order that is no longer there upstream"),
    ("Withheld", "asking something of an order of doubtful owner, or linking it"),
    ("Erased", "asking something of an order whose key is destroyed"),
    ("CancellationPending", "a second cancellation while one is on its way"),
    ("UnknownRequest", "an outcome of a request that was never made"),
    ("RequestReused", "a request id that was used with other content"),
    ("AlreadySettled", "an outcome of a request that has the other one"),
];
