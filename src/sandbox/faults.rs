//! Faults to order: what the next calls shall suffer. Absent: how each fault looks on the wire (`http::fault`).

use std::collections::VecDeque;
use std::time::Duration;

use serde::Deserialize;

/// What can be made to go wrong with a call to `/api`, login included.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// 401 with an empty body, though the key is good.
    Unauthorized,
    /// 429, with `Retry-After` in seconds if given.
    TooManyRequests {
        /// The header's value, seconds.
        #[serde(default)]
        retry_after_seconds: Option<u64>,
    },
    /// 502 with a page of HTML, as the network in front answers.
    HtmlBadGateway,
    /// Any status with upstream's generic message.
    Status {
        /// The HTTP status.
        code: u16,
    },
    /// The right answer, late.
    Slow {
        /// How late, milliseconds.
        milliseconds: u64,
    },
    /// 200 with an object instead of the answer.
    NotAnArray,
    /// 200 with `null` instead of the answer.
    NullBody,
    /// 200 with a page of HTML instead of the answer.
    HtmlOk,
    /// The right answer cut in the middle.
    TruncatedJson,
    /// The connection breaks before any work is done.
    Disconnect,
    /// The work is done, then the connection breaks before the answer is whole.
    LostAnswer,
    /// The work is done, then the network in front answers with this status and a page of HTML.
    FailedAfterActing {
        /// The HTTP status.
        code: u16,
    },
    /// The work is begun late, whether or not the caller still waits; the answer follows it.
    ActsLate {
        /// How late, milliseconds.
        milliseconds: u64,
    },
    /// An answer of this many bytes.
    Oversize {
        /// How many bytes.
        bytes: usize,
    },
    /// A list page that begins with the last row of the page before, as when a row came in during a sweep.
    RowRepeated,
    /// A list page that begins one row too late, as when a row fell out during a sweep.
    RowSkipped,
    /// A list page or search with one more row, of another client (a full page has no room for it).
    ForeignRow,
}

struct Ordered {
    fault: Fault,
    left: u32,
    path: Option<String>,
}

/// The faults ordered and not yet used up.
#[derive(Default)]
pub struct Faults(VecDeque<Ordered>);

/// More orders than this are a mistake; the oldest are dropped.
const ORDERED_AT_MOST: usize = 1_000;

impl Faults {
    /// The next `times` calls whose `METHOD /path` contains `path` (case aside) suffer `fault`.
    pub fn order(&mut self, fault: Fault, times: u32, path: Option<&str>) {
        if self.0.len() >= ORDERED_AT_MOST {
            self.0.pop_front();
        }
        self.0.push_back(Ordered { fault, left: times, path: path.map(str::to_lowercase) });
    }

    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// How late the work of this call begins, where that is the next fault that it suffers.
    pub fn take_lateness(&mut self, call: &str) -> Option<Duration> {
        self.0.retain(|ordered| ordered.left > 0);
        let strikes = |ordered: &&mut Ordered| ordered.path.as_deref().is_none_or(|path| call.contains(path));
        let next = self.0.iter_mut().find(strikes)?;
        let Fault::ActsLate { milliseconds } = next.fault else { return None };
        next.left -= 1;
        Some(Duration::from_millis(milliseconds))
    }

    /// The fault that this call (`method /lowercase/path`) suffers, if any; the first ordered goes first.
    pub fn take(&mut self, call: &str) -> Option<Fault> {
        self.0.retain(|ordered| ordered.left > 0);
        let ordered = self
            .0
            .iter_mut()
            .find(|ordered| ordered.path.as_deref().is_none_or(|path| call.contains(path)))?;
        ordered.left -= 1;
        Some(ordered.fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_ordered_and_only_its_path() {
        let mut faults = Faults::default();
        faults.order(Fault::Unauthorized, 2, Some("Order/List"));
        assert_eq!(faults.take("get /api/order/7"), None);
        assert_eq!(faults.take("get /api/order/list"), Some(Fault::Unauthorized));
        assert_eq!(faults.take("get /api/order/list"), Some(Fault::Unauthorized));
        assert_eq!(faults.take("get /api/order/list"), None);
    }
}
