//! Login keys: one a user, 24 hours long, a new one killing the older. Absent: what a user may see or do.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, RngExt};

use super::settings::SandboxUser;

/// Who a call comes from, as the key tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub username: String,
    pub admin: bool,
    pub client_id: Option<i64>,
    pub can_edit: bool,
    pub can_cancel: bool,
}

impl Caller {
    /// Whether this caller may see orders of that client.
    pub fn sees(&self, client_id: i64) -> bool {
        self.admin || self.client_id == Some(client_id)
    }

    /// How edits through the API are signed.
    pub fn signature(&self) -> String {
        format!("{}-API", self.username)
    }
}

/// A key that is good, and until when; `None` is for ever.
struct Issued {
    user: usize,
    expires: Option<DateTime<Utc>>,
}

/// The users and the keys that are good.
pub struct Keys {
    users: Vec<SandboxUser>,
    good: HashMap<String, Issued>,
}

impl Keys {
    pub fn of(users: &[SandboxUser]) -> Self {
        let fixed = users.iter().enumerate().filter_map(|(user, who)| {
            who.static_key.clone().map(|key| (key, Issued { user, expires: None }))
        });
        Self { users: users.to_vec(), good: fixed.collect() }
    }

    /// Mints a key and kills the user's older one, the fixed one too; `None` for wrong credentials.
    pub fn login(
        &mut self,
        username: &str,
        password: &str,
        now: DateTime<Utc>,
        life: TimeDelta,
        chance: &mut impl Rng,
    ) -> Option<String> {
        let user = self
            .users
            .iter()
            .position(|who| who.username.eq_ignore_ascii_case(username) && who.password == password)?;
        self.good.retain(|_, issued| issued.user != user);
        let key = uuid::Builder::from_random_bytes(chance.random()).into_uuid().to_string();
        self.good.insert(key.clone(), Issued { user, expires: now.checked_add_signed(life) });
        Some(key)
    }

    /// Who holds this key; `None` when it is unknown, killed or expired.
    pub fn caller(&self, key: &str, now: DateTime<Utc>) -> Option<Caller> {
        let issued = self.good.get(key)?;
        if issued.expires.is_some_and(|end| end <= now) {
            return None;
        }
        let who = self.users.get(issued.user)?;
        Some(Caller {
            username: who.username.clone(),
            admin: who.admin,
            client_id: who.client_id,
            can_edit: who.can_edit,
            can_cancel: who.can_cancel,
        })
    }

    /// Every key that is not fixed dies now.
    pub fn expire_all(&mut self) {
        self.good.retain(|_, issued| issued.expires.is_none());
    }
}
