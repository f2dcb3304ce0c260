//! What a sandbox is made with. Absent: any reading of the environment, which is `config`'s.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::openid::DemoPerson;
use crate::clock::Clock;

/// Everything that decides how a sandbox behaves; the same settings and calls give the same answers.
#[derive(Clone, Debug)]
pub struct SandboxSettings {
    /// What all chance in the sandbox grows from.
    pub seed: u64,
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Who may log in.
    pub users: Vec<SandboxUser>,
    /// The wall clock that dates are written in.
    pub time_zone: Tz,
    /// The brands whose orders the warehouse handles.
    pub brands: Vec<Brand>,
    /// Orders that live by themselves; `None` keeps the world still.
    pub life: Option<Life>,
    /// The clock that the sandbox's own time (see `skip_time`) starts from.
    pub clock: Clock,
    /// Whether the warehouse forbids cancelling what has left.
    pub refuse_cancel_of_despatched: bool,
    /// How long after despatch the nightly run moves 4 to 5; `None` never does.
    pub invoice_after: Option<TimeDelta>,
    /// How long a login key lives.
    pub key_life: TimeDelta,
    /// Whether `?APIKey=` in the query still works (deprecated upstream).
    pub accept_key_in_query: bool,
    /// What Order/List sorts by.
    pub list_order: ListOrder,
    /// How callbacks behave, since upstream documents almost nothing.
    pub callbacks: CallbackBehaviour,
    /// Who can sign in at the OpenID provider.
    pub people: Vec<DemoPerson>,
}

/// Someone who may call the API.
#[derive(Clone)]
pub struct SandboxUser {
    /// The login name.
    pub username: String,
    /// The password.
    pub password: String,
    /// A key that never expires, if an administrator has marked one; a login of this user kills it all the same.
    pub static_key: Option<String>,
    /// Sees every client of the warehouse.
    pub admin: bool,
    /// The only client that a user who is no admin sees.
    pub client_id: Option<i64>,
    /// May create orders and register callbacks.
    pub can_edit: bool,
    /// May cancel orders.
    pub can_cancel: bool,
}

impl SandboxUser {
    /// A warehouse user who sees all clients and may do everything.
    pub fn admin(username: &str, password: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: password.to_owned(),
            static_key: None,
            admin: true,
            client_id: None,
            can_edit: true,
            can_cancel: true,
        }
    }

    /// A user of one client, who may edit and cancel.
    pub fn client(username: &str, password: &str, client_id: i64) -> Self {
        Self { admin: false, client_id: Some(client_id), ..Self::admin(username, password) }
    }

    /// The same user with a key that never expires.
    #[must_use]
    pub fn with_static_key(self, key: &str) -> Self {
        Self { static_key: Some(key.to_owned()), ..self }
    }
}

impl std::fmt::Debug for SandboxUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SandboxUser")
            .field("username", &self.username)
            .field("admin", &self.admin)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A brand whose orders the warehouse handles; several may share one client.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The client that its orders are booked under.
    pub client_id: i64,
    /// What its SKUs start with, before the underscore, as in `LADORE_MUG`.
    pub sku_prefix: String,
    /// What its order numbers start with, before the hyphen, as in `ladore-1001`.
    pub number_prefix: String,
    /// The number of its first shop order.
    pub first_number: u32,
}

impl Brand {
    /// A brand whose SKU prefix and number prefix are one word, counting from 1001.
    pub fn of(client_id: i64, prefix: &str) -> Self {
        Self {
            client_id,
            sku_prefix: prefix.to_uppercase(),
            number_prefix: prefix.to_lowercase(),
            first_number: 1001,
        }
    }
}

/// How fast orders live by themselves.
#[derive(Clone, Debug)]
pub struct Life {
    /// The time between two beats; everything below is counted in beats.
    pub beat: Duration,
    /// Mean beats between two fresh orders of one brand.
    pub beats_between_orders: u32,
    /// Mean beats between two steps in the life of an order.
    pub beats_between_steps: u32,
    /// Orders of each brand, in all phases, that are there from the start.
    pub stock: u32,
    /// Orders living at once beyond which no fresh ones appear.
    pub living_at_most: usize,
}

impl Default for Life {
    /// A day in a few minutes: an order each six seconds and brand, invoiced some four minutes later.
    fn default() -> Self {
        Self {
            beat: Duration::from_millis(250),
            beats_between_orders: 24,
            beats_between_steps: 80,
            stock: 40,
            living_at_most: 2_000,
        }
    }
}

/// What Order/List sorts by (upstream does not say).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListOrder {
    /// By id, that is by time of creation.
    #[default]
    Id,
    /// By `LastUpdated`: a row that changes during a sweep moves all rows behind it to another place.
    LastUpdated,
}

/// How callbacks behave.
#[derive(Clone, Debug)]
pub struct CallbackBehaviour {
    /// Further attempts after a failure or an answer that is not 2xx.
    pub retries: u32,
    /// Further copies of a callback that was already taken.
    pub duplicates: u32,
    /// How long after its occasion a callback leaves, and how long each further attempt waits.
    pub delay: Duration,
    /// The shape of the body.
    pub body: CallbackBody,
}

/// The shape of a callback's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallbackBody {
    /// The order as Order/{id} gives it; tracking events for delivered; order and parts for split.
    #[default]
    Documented,
    /// The same inside an array.
    Array,
    /// An object whose every field but `ID` is null.
    Nulls,
    /// Nothing at all.
    Empty,
}

impl Default for CallbackBehaviour {
    fn default() -> Self {
        Self { retries: 0, duplicates: 0, delay: Duration::ZERO, body: CallbackBody::Documented }
    }
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            seed: 7,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            users: vec![SandboxUser::admin("ops@warehouse.example", "sandbox")],
            time_zone: chrono_tz::Europe::London,
            brands: vec![Brand::of(3, "ladore"), Brand::of(3, "kallpa"), Brand::of(5, "northwind")],
            life: None,
            clock: Clock::system(),
            refuse_cancel_of_despatched: true,
            invoice_after: Some(TimeDelta::hours(8)),
            key_life: TimeDelta::hours(24),
            accept_key_in_query: false,
            list_order: ListOrder::Id,
            callbacks: CallbackBehaviour::default(),
            people: DemoPerson::usual(),
        }
    }
}
