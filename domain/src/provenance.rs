//! Where an event comes from: its source, who acted, what caused it, and when it was observed.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// The kinds of source that observe or act on an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A paid order that a shop told us of.
    ShopWebhook,
    /// Mintsoft's callback, which made us re-read the order.
    ConnectAction,
    /// The regular listing of an account.
    Poll,
    /// The slow re-read of open orders.
    Recheck,
    /// A reader opened an order whose data was old.
    Refresh,
    /// A person of the brand, or a program with the brand's key.
    User,
    /// The platform's staff, or its command line.
    Operator,
    /// The ledger's own clock: time passed, and nobody told anything.
    Clock,
}

impl Source {
    /// The name under which the source is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShopWebhook => "shop_webhook",
            Self::ConnectAction => "connect_action",
            Self::Poll => "poll",
            Self::Recheck => "recheck",
            Self::Refresh => "refresh",
            Self::User => "user",
            Self::Operator => "operator",
            Self::Clock => "clock",
        }
    }
}

impl FromStr for Source {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, UnknownSource> {
        Ok(match text {
            "shop_webhook" => Self::ShopWebhook,
            "connect_action" => Self::ConnectAction,
            "poll" => Self::Poll,
            "recheck" => Self::Recheck,
            "refresh" => Self::Refresh,
            "user" => Self::User,
            "operator" => Self::Operator,
            "clock" => Self::Clock,
            other => return Err(UnknownSource(other.to_owned())),
        })
    }
}

/// A stored source that this version does not know.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a known source of events")]
pub struct UnknownSource(pub String);

/// What stands beside every event, in its metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Which kind of source it came from.
    pub source: Source,
    /// Who acted: `system`, `key:<id>`, `user:<id>`, or `operator`, the command line. Never a name or an address.
    pub actor: String,
    /// One id for everything that one request, delivery or run caused.
    pub correlation_id: String,
    /// What caused it: `run:<id>`, `refresh:<id>`, `delivery:<id>`, `decision:<id>` or `job:<id>`; none where somebody asked
    /// directly.
    pub cause: Option<String>,
    /// When the fact was observed (UTC): the instant of upstream's answer, or of the person's request.
    pub observed_at: DateTime<Utc>,
}

impl Provenance {
    /// The metadata map that is stored with each event.
    pub fn to_metadata(&self) -> HashMap<String, String> {
        let mut map = HashMap::from([
            ("source".to_owned(), self.source.as_str().to_owned()),
            ("actor".to_owned(), self.actor.clone()),
            ("correlation_id".to_owned(), self.correlation_id.clone()),
            ("observed_at".to_owned(), self.observed_at.to_rfc3339_opts(SecondsFormat::Micros, true)),
        ]);
        if let Some(cause) = &self.cause {
            map.insert("cause".to_owned(), cause.clone());
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_read_back_by_the_name_it_is_stored_under() {
        for source in [
            Source::ShopWebhook,
            Source::ConnectAction,
            Source::Poll,
            Source::Recheck,
            Source::Refresh,
            Source::User,
            Source::Operator,
            Source::Clock,
        ] {
            assert_eq!(source.as_str().parse(), Ok(source));
        }
        assert_eq!("gossip".parse::<Source>(), Err(UnknownSource("gossip".into())));
    }
}
