//! What the provider knows: its keys, its people, the services that sign in through it, and codes not yet used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::keys::{SigningKey, SigningMethod};
use super::people::DemoPerson;
use crate::clock::Clock;
use crate::sandbox::error::SandboxError;

/// How long a token is valid, in seconds.
pub(super) const TOKEN_VALID_S: i64 = 3_600;

/// The most codes that wait to be used; more are forgotten, all at once.
const CODES_MAX: usize = 1_000;

/// A service that signs people in through the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenIdClient {
    /// Its name.
    pub client_id: String,
    /// What it proves itself with, where it can keep a secret.
    pub secret: Option<String>,
    /// Where people may be sent back to, compared letter by letter.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after they signed out.
    pub post_logout_redirect_uris: Vec<String>,
}

/// A token to be made, good unless it is said otherwise.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenSpec {
    /// Whom it names.
    pub sub: String,
    /// For whom it is; the API unless said.
    pub aud: Option<Value>,
    /// Who is said to have made it; the provider unless said.
    pub iss: Option<String>,
    /// Until when it is valid, in seconds from now; an hour unless said.
    pub expires_in_s: Option<i64>,
    /// From when it is valid, in seconds from now.
    pub not_before_in_s: Option<i64>,
}

/// A code that waits to be exchanged.
#[derive(Clone)]
pub(super) struct Code {
    pub client_id: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub nonce: Option<String>,
    pub sub: String,
    pub made_at: DateTime<Utc>,
}

pub(super) struct State {
    pub issuer: String,
    pub audience: String,
    pub clients: Vec<OpenIdClient>,
    pub people: Vec<DemoPerson>,
    /// The last one signs.
    keys: Vec<SigningKey>,
    codes: HashMap<String, Code>,
    pub is_away: bool,
    pub key_fetches: u32,
}

/// The provider, to be moved directly. Cloning shares it.
#[derive(Clone)]
pub struct OpenIdHandle {
    state: Arc<Mutex<State>>,
    pub(super) clock: Clock,
}

impl OpenIdHandle {
    pub(in crate::sandbox) fn start(
        issuer: String,
        people: Vec<DemoPerson>,
        clock: Clock,
    ) -> Result<Self, SandboxError> {
        let state = State {
            audience: "https://ledger.example/api".to_owned(),
            issuer,
            clients: Vec::new(),
            people,
            keys: vec![SigningKey::generate(SigningMethod::default())?],
            codes: HashMap::new(),
            is_away: false,
            key_fetches: 0,
        };
        Ok(Self { state: Arc::new(Mutex::new(state)), clock })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who its tokens say made them.
    pub fn issuer(&self) -> String {
        self.lock().issuer.clone()
    }

    /// The API that its access tokens are for.
    pub fn audience(&self) -> String {
        self.lock().audience.clone()
    }

    /// Lets a service sign people in.
    pub fn register(&self, client: OpenIdClient) {
        let mut state = self.lock();
        state.clients.retain(|known| known.client_id != client.client_id);
        state.clients.push(client);
    }

    /// Signs with a fresh key from now on; the ones before stay published unless they are withdrawn.
    pub fn rotate(&self, method: SigningMethod, withdraw: bool) -> Result<(), SandboxError> {
        let fresh = SigningKey::generate(method)?;
        let mut state = self.lock();
        if withdraw {
            state.keys.clear();
        }
        state.keys.push(fresh);
        Ok(())
    }

    /// Lets the provider answer 503 to everything, or answer again.
    pub fn be_away(&self, is_away: bool) {
        self.lock().is_away = is_away;
    }

    /// How often its keys were asked for.
    pub fn key_fetches(&self) -> u32 {
        self.lock().key_fetches
    }

    /// The published keys.
    pub fn key_set(&self) -> Value {
        json!({ "keys": self.lock().keys.iter().map(SigningKey::published).collect::<Vec<_>>() })
    }

    /// A token for the API.
    pub fn mint(&self, spec: &TokenSpec) -> Result<String, SandboxError> {
        let now = self.clock.now().timestamp();
        let state = self.lock();
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(spec.iss.as_ref().unwrap_or(&state.issuer)));
        claims.insert("aud".to_owned(), spec.aud.clone().unwrap_or_else(|| json!(state.audience)));
        claims.insert("sub".to_owned(), json!(spec.sub));
        claims.insert("iat".to_owned(), json!(now));
        claims.insert("exp".to_owned(), json!(now + spec.expires_in_s.unwrap_or(TOKEN_VALID_S)));
        if let Some(seconds) = spec.not_before_in_s {
            claims.insert("nbf".to_owned(), json!(now + seconds));
        }
        state.sign(&Value::Object(claims))
    }
}

impl State {
    /// A token of these claims, signed with the newest key.
    pub fn sign(&self, claims: &Value) -> Result<String, SandboxError> {
        self.keys.last().ok_or(SandboxError::SigningKey)?.sign(claims)
    }

    pub fn client(&self, id: &str) -> Option<&OpenIdClient> {
        self.clients.iter().find(|client| client.client_id == id)
    }

    pub fn keep(&mut self, code: String, kept: Code) {
        if self.codes.len() >= CODES_MAX {
            self.codes.clear();
        }
        self.codes.insert(code, kept);
    }

    /// A code is good once.
    pub fn take(&mut self, code: &str) -> Option<Code> {
        self.codes.remove(code)
    }
}
