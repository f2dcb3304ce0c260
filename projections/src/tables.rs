//! Which set of read tables is written: the ones that people read, or the ones that a rebuild fills.

/// A set of read tables. Names of tables come from here alone, never from input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// The tables that queries read.
    Live,
    /// The tables of the same shape that a rebuild fills beside them.
    Shadow,
}

impl Tables {
    /// The table of orders.
    pub const fn orders(self) -> &'static str {
        match self {
            Self::Live => "logistics_orders",
            Self::Shadow => "logistics_orders_shadow",
        }
    }

    /// The table of recipients.
    pub const fn recipients(self) -> &'static str {
        match self {
            Self::Live => "logistics_order_recipients",
            Self::Shadow => "logistics_order_recipients_shadow",
        }
    }

    /// The table of courier scans.
    pub const fn tracking_events(self) -> &'static str {
        match self {
            Self::Live => "logistics_tracking_events",
            Self::Shadow => "logistics_tracking_events_shadow",
        }
    }
}
