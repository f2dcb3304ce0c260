//! What the caller can have done with an order now: what the domain allows, to those whose role has the right.

use logistics_domain::Refusal;
use logistics_domain::order::Possible;
use logistics_domain::order::possible::{has_left, is_cancelled};
use logistics_projections::orders::OrderView;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Right, Role};

/// Whether something can be done, and else why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Can {
    /// Whether the action can be asked for now.
    pub allowed: bool,
    /// The code that a request would be refused with; null where the action is allowed.
    pub reason_code: Option<&'static str>,
    /// Why it is not allowed, as a sentence; null where it is allowed.
    pub reason: Option<String>,
}

/// What the caller can have done now. The warehouse has the last word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CanBeDone {
    /// `POST …/cancel`.
    pub cancel: Can,
    /// `POST …/comments`.
    pub comment: Can,
    /// `POST /logistics/links`.
    pub link: Can,
}

impl CanBeDone {
    /// For an order as it is shown, to a caller of this role.
    pub fn with(order: &OrderView, erased: bool, role: Role) -> Self {
        let possible = possible(order, erased);
        Self {
            cancel: Can::of(role, Right::ActOnOrders, possible.may_cancel()),
            comment: Can::of(role, Right::ActOnOrders, possible.may_comment()),
            link: Can::of(role, Right::LinkOrders, possible.may_link()),
        }
    }
}

impl Can {
    fn of(role: Role, right: Right, allowed: Result<(), Refusal>) -> Self {
        if !role.may(right) {
            let told = format!("The role {role} may not {}.", right.described());
            return Self { allowed: false, reason_code: Some("role_not_allowed"), reason: Some(told) };
        }
        match allowed {
            Ok(()) => Self { allowed: true, reason_code: None, reason: None },
            Err(refusal) => {
                Self { allowed: false, reason_code: Some(refusal.code()), reason: Some(refusal.to_string()) }
            }
        }
    }
}

/// What bears on a request, from the read row. What is withheld is shown to nobody, so that does not come up.
fn possible(order: &OrderView, erased: bool) -> Possible {
    let cancellation = order.cancellation.as_ref().and_then(|held| held.get("state")?.as_str());
    Possible {
        withheld: false,
        vanished: order.vanished_at.is_some(),
        erased,
        cancelled: is_cancelled(order.status_id),
        dispatched: has_left(order.status_id, order.dispatched_at.is_some())
            || order.warehouse_phase == "dispatched",
        cancellation_pending: cancellation == Some("requested"),
    }
}
