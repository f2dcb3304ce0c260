//! The events that people and the ledger itself make.

use super::{Entry, READERS, field};
use crate::provenance::Source;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "PromiseMissed",
        version: "1.0",
        meaning: "A promise ended without being kept: from then on the order is late.",
        when: "The ledger looks every minute; once for each promise and end. A day that is moved is another promise.",
        sources: &[Source::Clock],
        fields: &[
            field("promise", "`dispatch`, `delivery` or `news`", "what was promised"),
            field("due_at", "instant", "when it ended; a promise for a day ends with the day"),
        ],
    },
    Entry {
        name: "OrderLinked",
        version: "1.0",
        meaning: "It was tied to a shop order that it fulfils. A survivor of merges is tied to each that its number joins.",
        when: "A search by name was whole and unique, the host or a person said so, or a part was read whose order was tied.",
        sources: READERS,
        fields: &[
            field("shop_order", "ShopOrder", "the shop order"),
            field("basis", "`name`, `order_number`, `host` or `manual`", "by what it was found"),
        ],
    },
    Entry {
        name: "OrderUnlinked",
        version: "1.0",
        meaning: "The tie to a shop order was undone.",
        when: "A person undoes it, or the host or a person puts another in its place.",
        sources: &[Source::ShopWebhook, Source::Poll, Source::User, Source::Operator],
        fields: &[
            field("shop_order", "ShopOrder", "the shop order it was tied to"),
            field("reason", "text", "why"),
        ],
    },
    Entry {
        name: "OrderWithheld",
        version: "1.0",
        meaning: "Whose order it is became doubtful, or is doubtful for another reason now; no tenant sees it.",
        when: "An answer shows another client, number and SKUs of another tenant, or a SKU with another tenant's prefix.",
        sources: READERS,
        fields: &[field("reason", "text", "why it is doubtful")],
    },
    Entry {
        name: "OrderReleased",
        version: "1.0",
        meaning: "The doubt was settled; its tenant sees it again.",
        when: "A later answer or an operator settles it.",
        sources: READERS,
        fields: &[],
    },
    Entry {
        name: "CancellationRequested",
        version: "1.0",
        meaning: "A person asked for the order to be cancelled; nothing has been said to upstream yet.",
        when: "The request is allowed: the order is there, not cancelled, not gone out, and no other request waits.",
        sources: &[Source::User, Source::Operator],
        fields: &[
            field("request_id", "uuid", "the id of this request"),
            field("reason", "Sealed", "why, in the person's words"),
            field("requested_by", "text", "`user:<id>` or `key:<id>`"),
        ],
    },
    Entry {
        name: "CancellationConfirmed",
        version: "1.0",
        meaning: "The order that a person asked to be cancelled is cancelled upstream.",
        when: "Upstream said yes, or an answer that was read meanwhile, by whatever source, shows it cancelled.",
        sources: READERS,
        fields: &[field("request_id", "uuid", "the request that this answers")],
    },
    Entry {
        name: "CancellationRefused",
        version: "1.0",
        meaning: "The cancellation did not come to pass.",
        when: "Upstream said no, or it was given up.",
        sources: &[Source::User, Source::Operator],
        fields: &[
            field("request_id", "uuid", "the request that this answers"),
            field("message", "text", "upstream's words, or ours"),
        ],
    },
    Entry {
        name: "CommentRequested",
        version: "1.1",
        meaning: "A person wrote a comment for the warehouse; nothing has been said to upstream yet.",
        when: "The request is allowed: the order is there.",
        sources: &[Source::User, Source::Operator],
        fields: &[
            field("request_id", "uuid", "the id of this request"),
            field("comment", "Sealed", "the text"),
            field(
                "internal",
                "boolean",
                "whether only the warehouse's own staff may see it; false before 1.1",
            ),
            field("requested_by", "text", "`user:<id>` or `key:<id>`"),
        ],
    },
    Entry {
        name: "CommentPosted",
        version: "1.1",
        meaning: "The comment is in the warehouse's system.",
        when: "Upstream took it, or a re-read after a lost answer finds it in the thread.",
        sources: &[Source::User, Source::Operator],
        fields: &[
            field("request_id", "uuid", "the request that this answers"),
            field(
                "comment_id",
                "integer?",
                "upstream's number of the comment; null before 1.1 and where upstream did not say",
            ),
        ],
    },
    Entry {
        name: "CommentRefused",
        version: "1.0",
        meaning: "The comment was not taken.",
        when: "Upstream said no, or it was given up.",
        sources: &[Source::User, Source::Operator],
        fields: &[
            field("request_id", "uuid", "the request that this answers"),
            field("message", "text", "upstream's words, or ours"),
        ],
    },
];
