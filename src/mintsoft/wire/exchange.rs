//! What is said about an order: comments, documents, callbacks, and the answer to an action.

use std::fmt;

use serde::Serialize;

use super::fields::wire_row;

wire_row! {
    /// A comment on an order. Whether it is internal is never told.
    pub struct OrderComment identified by id {
        /// The comment's id.
        pub id: i64 = "ID",
        /// The order it is on.
        pub order_id: Option<i64> = "OrderId",
        /// The order's status when it was written.
        pub order_status_id: Option<i64> = "OrderStatusId",
        /// The text.
        pub comment: Option<String> = "Comment",
        /// When it was written, local wall clock.
        pub last_updated: Option<String> = "LastUpdated",
        /// Who wrote it.
        pub last_updated_by: Option<String> = "LastUpdatedByUser",
    }
}

wire_row! {
    /// A document of an order, as a rule without its bytes.
    pub struct OrderDocument identified by id {
        /// The document's id.
        pub id: i64 = "ID",
        /// The order it belongs to.
        pub order_id: Option<i64> = "OrderId",
        /// What kind it is: 5 is a courier label.
        pub document_type_id: Option<i64> = "OrderDocumentTypeId",
        /// Its file name.
        pub file_name: Option<String> = "FileName",
        /// A remark on it.
        pub comments: Option<String> = "Comments",
        /// What upstream says its media type is.
        pub content_type: Option<String> = "ContentType",
        /// The paper it is meant for.
        pub paper_size: Option<String> = "PaperSize",
        /// Whether it has been printed.
        pub printed: Option<bool> = "Printed",
        /// Whether upstream's scanner thinks it harmful.
        pub dangerous_file: Option<bool> = "DangerousFile",
        /// The bytes in base64, when the list carries them.
        pub base64_data: Option<String> = "Base64Data",
        /// When the row last changed, local wall clock.
        pub last_updated: Option<String> = "LastUpdated",
        /// Who changed it last.
        pub last_updated_by: Option<String> = "LastUpdatedByUser",
    }
}

wire_row! {
    /// A callback registered on an order; connectors of upstream's own keep rows here too.
    pub struct ConnectAction identified by id {
        /// The row's id.
        pub id: i64 = "ID",
        /// The order it is on.
        pub order_id: Option<i64> = "OrderId",
        /// `API` for a registration like ours; anything else belongs to a connector.
        pub kind: Option<String> = "Type",
        /// The order's name in the system that registered it, unique per client.
        pub source_order_id: Option<String> = "SourceOrderId",
        /// Whether upstream is done with it.
        pub complete: Option<bool> = "Complete",
        /// The URL called at despatch.
        pub despatched_url: Option<String> = "ExtraCode1",
        /// The URL called at cancellation.
        pub cancelled_url: Option<String> = "ExtraCode2",
        /// The URL called at delivery.
        pub delivered_url: Option<String> = "ExtraCode3",
        /// The `Authorization` value that the call carries.
        pub authorization: Option<String> = "ExtraCode4",
        /// The URL called when the order is split.
        pub split_url: Option<String> = "ExtraCode5",
        /// What came of the last call, it seems.
        pub messages: Option<String> = "Messages",
        /// When the row last changed, local wall clock.
        pub last_updated: Option<String> = "LastUpdated",
        /// Who changed it last.
        pub last_updated_by: Option<String> = "LastUpdatedByUser",
    }
}

wire_row! {
    /// The answer to an action. A refusal comes as HTTP 200 too: only `success` tells.
    pub struct ToolkitResult identified by id {
        /// The id of what was made, or 0.
        pub id: Option<i64> = "ID",
        /// Whether it was done; missing counts as not done.
        pub success: Option<bool> = "Success",
        /// Why not, or a remark.
        pub message: Option<String> = "Message",
        /// A remark on something done.
        pub warning_message: Option<String> = "WarningMessage",
    }
}

/// A callback to register: one URL an event, each with a secret in it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NewConnectAction {
    /// The order's name on our side, unique per client of the warehouse.
    pub source_order_id: String,
    /// The URL to call at despatch.
    pub despatched_url: String,
    /// The URL to call at cancellation.
    pub cancelled_url: String,
    /// The URL to call at delivery.
    pub delivered_url: String,
    /// The URL to call when the order is split.
    pub split_url: String,
    /// The `Authorization` value that the call shall carry, when there is to be one.
    pub authorization: Option<String>,
}

impl fmt::Debug for NewConnectAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewConnectAction")
            .field("source_order_id", &self.source_order_id)
            .finish_non_exhaustive()
    }
}

impl Serialize for NewConnectAction {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Body<'a> {
            r#type: &'static str,
            source_order_id: &'a str,
            complete: bool,
            account_id: i32,
            extra_code1: &'a str,
            extra_code2: &'a str,
            extra_code3: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            extra_code4: Option<&'a str>,
            extra_code5: &'a str,
            extra_flag1: bool,
            extra_flag2: bool,
        }
        let body = Body {
            r#type: "API",
            source_order_id: &self.source_order_id,
            complete: false,
            account_id: 0,
            extra_code1: &self.despatched_url,
            extra_code2: &self.cancelled_url,
            extra_code3: &self.delivered_url,
            extra_code4: self.authorization.as_deref(),
            extra_code5: &self.split_url,
            extra_flag1: false,
            extra_flag2: false,
        };
        body.serialize(serializer)
    }
}

/// A comment to post.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewComment<'a> {
    /// The text.
    pub comment: &'a str,
    /// Whether only the warehouse's staff may see it.
    pub admin: bool,
}

/// A login.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewLogin<'a> {
    /// The user's name.
    pub username: &'a str,
    /// The password.
    pub password: &'a str,
}
