//! Mintsoft, the warehouse system: every outgoing call, its JSON, and its dates.
//!
//! A caller describes the account ([`AccountAccess`]), gets its calls from the one [`MintsoftClient`], and says how long
//! it can wait ([`Patience`]):
//!
//! ```no_run
//! # use logistics_ledger::mintsoft::{AccountAccess, MintsoftClient, Patience, UpstreamError};
//! # async fn look(client: MintsoftClient, access: AccountAccess) -> Result<(), UpstreamError> {
//! let account = client.account(access).patience(Patience::interactive(std::time::Duration::from_secs(5)));
//! let answer = account.order(2207).await?;
//! # Ok(()) }
//! ```
//!
//! What holds for every call: the key travels in a header; https and public addresses only (a switch opens the
//! loopback for the sandbox); limits of time and size; one budget of calls and one key per login, shared by all its
//! accounts and all instances through the table `mintsoft_logins`; only reads are tried again; a refusal that comes as 200 is an
//! error; no error, log or debug output holds a secret or a person. Every [`Answer`] says when it was asked, which is
//! what decides whether it is stale.
//!
//! Files: `client` sends one request; `calls` makes one call of it, with `budget`, `admission` and `token`; `reads`, `actions` and
//! `documents` are the calls themselves; `wire` is the JSON; `wall_clock` the dates; `address` where a call may go.
//! Absent: what an answer means for an order, and any memory of orders.

mod account;
mod actions;
mod address;
mod admission;
mod budget;
mod calls;
mod client;
mod documents;
mod error;
mod public_addresses;
mod reads;
mod settings;
mod silence;
mod token;
pub mod translate;
pub mod wall_clock;
pub mod wire;

pub use account::{AccountAccess, Answer, Credentials, Patience, login_id};
pub use actions::GIVES_NO_REASON;
pub use address::{callable_api_url, normalise_api_url};
pub use calls::MintsoftAccount;
pub use client::MintsoftClient;
pub use documents::{DocumentData, DocumentKind};
pub use error::UpstreamError;
pub use reads::{ORDERS_PAGE, OrderListQuery, TRACKING_EVENTS_PAGE};
pub use settings::MintsoftSettings;
