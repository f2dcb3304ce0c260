//! Being let in: a fixed key as it is, a login's key from where all instances keep it, and, when this caller holds the
//! lease, the login itself.

use std::time::Duration;

use chrono::{DateTime, Utc};
use url::Url;
use zeroize::Zeroizing;

use super::UpstreamError;
use super::account::{Credentials, Waiting, login_digest};
use super::calls::{Call, MintsoftAccount, is_web_page, unlike};
use super::client::{Outgoing, Verb};
use super::token::{Held, Lease, LoginKey};
use super::wire::NewLogin;

/// How often one looks whether somebody else's login is done.
const LOGIN_LOOK: Duration = Duration::from_millis(100);

/// The longest key that is taken for one.
const KEY_LENGTH_MAX: usize = 512;

/// A key to call with, and how it was come by.
pub(super) struct Admission {
    pub key: LoginKey,
    /// This very call logged in for it.
    pub logged_in: bool,
    /// It took a while, in which the slot passed by.
    pub waited: bool,
}

impl MintsoftAccount {
    /// A key to call with. `rejected` is one that was answered with a 401; `renewed` says that this call has logged in
    /// since, and may not again.
    pub(super) async fn admission(
        &self,
        root: &Url,
        rejected: Option<&LoginKey>,
        renewed: bool,
        waiting: &mut Waiting,
    ) -> Result<Admission, UpstreamError> {
        let (username, password) = match &self.access.credentials {
            Credentials::ApiKey(key) => {
                return Ok(Admission { key: LoginKey(key.clone()), logged_in: false, waited: false });
            }
            Credentials::Login { username, password } => (username, password),
        };
        let digest = login_digest(root.as_str(), username, password);
        let mut waited = false;
        loop {
            match self.parts.login_keys.held(self.login_id, &digest, rejected).await? {
                Held::Key(key) => return Ok(Admission { key, logged_in: false, waited }),
                Held::Login(lease) if renewed => {
                    self.parts.login_keys.release(self.login_id, lease).await?;
                    return Err(UpstreamError::NotPermitted);
                }
                Held::Login(lease) => {
                    let key = self.login(root, lease, digest).await?;
                    return Ok(Admission { key, logged_in: true, waited: true });
                }
                Held::Pending if waiting.left < LOGIN_LOOK => return Err(UpstreamError::LoginPending),
                Held::Pending => {
                    tokio::time::sleep(LOGIN_LOOK).await;
                    waiting.spend(LOGIN_LOOK);
                    waited = true;
                }
            }
        }
    }

    /// Logs in under the lease, in a task of its own: once sent, the old key is dead, so the new one must be put down
    /// even when the caller walks away.
    async fn login(&self, root: &Url, lease: Lease, digest: [u8; 32]) -> Result<LoginKey, UpstreamError> {
        let (account, root) = (self.clone(), root.clone());
        let task = tokio::spawn(async move {
            let keys = &account.parts.login_keys;
            let (login_id, account_id) = (account.login_id, account.access.account_id);
            match account.send_login(&root).await {
                Ok((key, asked_at)) => {
                    keys.keep(login_id, lease, &digest, &key, asked_at).await?;
                    Ok(key)
                }
                Err(UpstreamError::WrongLogin { .. }) => {
                    tracing::warn!(%account_id, "Mintsoft refuses the login of this account");
                    let retry_after = keys.refuse(login_id, lease, &digest).await?;
                    Err(UpstreamError::WrongLogin { retry_after })
                }
                Err(error) => {
                    keys.release(login_id, lease).await?;
                    Err(error)
                }
            }
        });
        task.await.unwrap_or(Err(UpstreamError::LoginPending))
    }

    async fn send_login(&self, root: &Url) -> Result<(LoginKey, DateTime<Utc>), UpstreamError> {
        let Credentials::Login { username, password } = &self.access.credentials else {
            return Err(UpstreamError::NotPermitted);
        };
        let call = Call::action(Verb::Post, "Auth").body(&NewLogin { username, password });
        // The slot that the caller holds is spent on the login; the call itself takes the next one.
        let outgoing = Outgoing { verb: call.verb, url: call.url(root)?, key: None, body: call.body };
        let reply = self.parts.send(self.login_id, outgoing).await?;
        if reply.status == 401 || reply.status == 403 && !is_web_page(&reply.body) {
            return Err(UpstreamError::WrongLogin { retry_after: Duration::ZERO });
        }
        let reply = self.judged(reply, false).await?;
        let key = read_key(&reply.body)
            .ok_or_else(|| unlike(&reply.body, "the login was not answered with a key"))?;
        Ok((key, reply.asked_at))
    }
}

/// Reads a key: a JSON string as a rule, bare text tolerated.
fn read_key(body: &[u8]) -> Option<LoginKey> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let key = match text.strip_prefix('"') {
        Some(_) => serde_json::from_str::<String>(text).ok()?,
        None => text.to_owned(),
    };
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=' | b'+' | b'/');
    let fits = (1..=KEY_LENGTH_MAX).contains(&key.len()) && key.bytes().all(plain);
    fits.then(|| LoginKey(Zeroizing::new(key)))
}
