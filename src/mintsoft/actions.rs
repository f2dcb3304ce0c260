//! The calls that change something. None is ever tried again by itself: whether a failed one may have happened all the
//! same is for [`UpstreamError::may_have_acted`] to say, and the caller reads the order again before a second try.

use tokio::time::timeout;

use super::calls::{Call, MintsoftAccount, unlike};
use super::client::Verb;
use super::reads::answer;
use super::wire::{NewComment, NewConnectAction, Row, ToolkitResult, spoken_message};
use super::{Answer, UpstreamError};

/// What is told of a refusal that upstream says nothing of.
pub const GIVES_NO_REASON: &str = "it gives no reason.";

impl MintsoftAccount {
    /// Cancels the order. A refusal is [`UpstreamError::Refused`] with upstream's words; an order that is gone is
    /// [`UpstreamError::NotFound`].
    pub async fn cancel(&self, id: i64) -> Result<Answer<ToolkitResult>, UpstreamError> {
        self.act(Call::action(Verb::Get, &format!("Order/{id}/Cancel"))).await
    }

    /// Puts a comment on the order; `admin` hides it from the warehouse's client.
    pub async fn post_comment(
        &self,
        id: i64,
        text: &str,
        admin: bool,
    ) -> Result<Answer<ToolkitResult>, UpstreamError> {
        let call = Call::action(Verb::Post, &format!("Order/{id}/Comments"));
        self.act(call.body(&NewComment { comment: text, admin })).await
    }

    /// Registers callbacks on the order. Ask for those that are there first: what a second registration does is unknown,
    /// and none can be removed.
    pub async fn put_connect_action(
        &self,
        id: i64,
        action: &NewConnectAction,
    ) -> Result<Answer<ToolkitResult>, UpstreamError> {
        let call = Call::action(Verb::Put, &format!("Order/{id}/ConnectActions"));
        self.act(call.body(action)).await
    }

    async fn act(&self, call: Call) -> Result<Answer<ToolkitResult>, UpstreamError> {
        // Whoever finds an action of a worker that vanished counts on its being over by then.
        let reply = timeout(self.action_limit(), self.call(&call)).await;
        let reply = reply.unwrap_or(Err(UpstreamError::TimedOut))?;
        let result = Row::<ToolkitResult>::read_slice(&reply.body)
            .and_then(|row| row.parsed.ok())
            .ok_or_else(|| unlike(&reply.body, "the result of an action was due"))?;
        if result.success == Some(true) {
            return Ok(answer(&reply, result));
        }
        let message = spoken_message(&reply.body).unwrap_or_else(|| GIVES_NO_REASON.to_owned());
        Err(UpstreamError::Refused { message })
    }
}
