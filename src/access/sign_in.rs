//! Signing in at the OpenID provider: the authorization code flow with PKCE, state and nonce. Absent: pages and cookies,
//! and what comes after (`sessions`).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
    CoreTokenResponse,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    IssuerUrl, LogoutRequest, Nonce, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::provider::{OpenIdError, OpenIdSettings, Provider, ProviderFault};
use super::shared_fetch::SharedFetch;
use crate::clock::{self, Clock};

/// How old the provider's description may be when a person leaves for it, and when one comes back.
const DESCRIBED_FOR: TimeDelta = TimeDelta::minutes(10);
const KEYS_FOR: TimeDelta = TimeDelta::seconds(10);

/// The provider is not asked again sooner after it failed.
const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(5);

/// How long a person may take at the provider.
const ATTEMPT_FOR: TimeDelta = TimeDelta::minutes(10);

/// The longest code and state that are looked at, in bytes.
const ANSWER_MAX: usize = 2_000;

/// The service as the provider knows it.
#[derive(Clone)]
pub struct ClientSettings {
    /// The name at the provider.
    pub client_id: String,
    /// What it proves itself with, where the provider asks for more than PKCE.
    pub client_secret: Option<String>,
    /// The address that people reach the service by, without a slash at the end.
    pub public_url: String,
}

impl std::fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientSettings").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// What the browser keeps, sealed, while the person is at the provider.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
    begun_at: DateTime<Utc>,
    /// The page to go on with.
    pub next: String,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The provider cannot be asked.
    #[error("the sign-in service does not answer; try again")]
    Away(#[source] ProviderFault),
    /// What came back does not belong to what was begun here, or too late.
    #[error("this sign-in was not begun in this browser, or took too long; sign in again")]
    Stray,
    /// The provider did not let the person in.
    #[error("the sign-in service did not let you in; sign in again, or ask the platform's staff")]
    Refused,
    /// What the provider answered proves nothing.
    #[error("the sign-in service's answer could not be verified; sign in again")]
    Unproved,
}

/// The way to sign in, one per service.
pub struct SignIn {
    provider: Provider,
    issuer: IssuerUrl,
    settings: ClientSettings,
    redirect: RedirectUrl,
    clock: Clock,
    described: SharedFetch<Described>,
}

struct Described {
    at: DateTime<Utc>,
    metadata: ProviderMetadataWithLogout,
}

type ReadyClient =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;

impl SignIn {
    /// Prepares the way; nothing is asked of the provider yet.
    pub fn of(openid: &OpenIdSettings, settings: ClientSettings, clock: &Clock) -> Result<Self, OpenIdError> {
        let redirect = format!("{}/dashboard/sign-in/return", settings.public_url);
        let odd = || OpenIdError::Issuer("write it as https://sign-in.example.com/");
        Ok(Self {
            provider: Provider::reached_by(openid)?,
            issuer: IssuerUrl::new(openid.issuer.clone()).map_err(|_| odd())?,
            redirect: RedirectUrl::new(redirect).map_err(|_| odd())?,
            settings,
            clock: clock.clone(),
            described: SharedFetch::of(clock.clone(), ASK_AGAIN_AFTER),
        })
    }

    /// Where to send a person who wants to see `next`, and what the browser must keep meanwhile. With `prompt`, the provider asks
    /// for an account even if it knows one.
    pub async fn begin(
        &self,
        next: String,
        prompt: Option<CoreAuthPrompt>,
    ) -> Result<(Url, Attempt), SignInError> {
        let client = self.client(&self.described(DESCRIBED_FOR).await?.metadata)?;
        let attempt = Attempt {
            state: hex::encode(clock::random_bytes::<24>()),
            nonce: hex::encode(clock::random_bytes::<24>()),
            verifier: hex::encode(clock::random_bytes::<32>()),
            begun_at: self.clock.now(),
            next,
        };
        let (state, nonce) = (CsrfToken::new(attempt.state.clone()), Nonce::new(attempt.nonce.clone()));
        let verifier = PkceCodeVerifier::new(attempt.verifier.clone());
        let mut asked = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce);
        if let Some(prompt) = prompt {
            asked = asked.add_prompt(prompt);
        }
        let (url, ..) = asked
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok((url, attempt))
    }

    /// Whom the provider sent back, once the answer is found to belong to the attempt and to be the provider's.
    pub async fn finish(
        &self,
        attempt: &Attempt,
        state: &str,
        code: Option<&str>,
    ) -> Result<String, SignInError> {
        let now = self.clock.now();
        if state != attempt.state || !(TimeDelta::zero()..ATTEMPT_FOR).contains(&(now - attempt.begun_at)) {
            return Err(SignInError::Stray);
        }
        let code = code.filter(|code| code.len() <= ANSWER_MAX).ok_or(SignInError::Refused)?;
        let client = self.client(&self.described(KEYS_FOR).await?.metadata)?;
        let provider = self.provider.clone();
        let door = move |request: HttpRequest| {
            let provider = provider.clone();
            async move { provider.send(request).await }
        };
        let tokens: CoreTokenResponse = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.clone()))
            .request_async(&door)
            .await
            .map_err(|error| match error {
                openidconnect::RequestTokenError::Request(fault) => SignInError::Away(fault),
                _ => SignInError::Refused,
            })?;
        let clock = self.clock.clone();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            ])
            .set_time_fn(move || clock.now());
        let token = tokens.id_token().ok_or(SignInError::Unproved)?;
        let claims = token.claims(&verifier, &Nonce::new(attempt.nonce.clone()));
        Ok(claims.map_err(|_| SignInError::Unproved)?.subject().to_string())
    }

    /// Where a person goes who is to come in by another account than the provider knows: where it ends its session, and if it has no
    /// such place, to the choice of an account, with what the browser must keep meanwhile.
    pub async fn begin_as_another(
        &self,
        next: String,
        back: &str,
    ) -> Result<(Url, Option<Attempt>), SignInError> {
        if let Some(place) = self.leave(back).await {
            return Ok((place, None));
        }
        let (url, attempt) = self.begin(next, Some(CoreAuthPrompt::SelectAccount)).await?;
        Ok((url, Some(attempt)))
    }

    /// Where the provider ends its own session and sends the person back to `back`; none where it has no such place.
    pub async fn leave(&self, back: &str) -> Option<Url> {
        let described = self.described(DESCRIBED_FOR).await.ok()?;
        let place = described.metadata.additional_metadata().end_session_endpoint.clone()?;
        let back = PostLogoutRedirectUrl::new(format!("{}{back}", self.settings.public_url)).ok()?;
        let client = ClientId::new(self.settings.client_id.clone());
        let request = LogoutRequest::from(place)
            .set_client_id(client)
            .set_post_logout_redirect_uri(back)
            // It comes back as it is, and tells that the person has left.
            .set_state(CsrfToken::new("left".to_owned()));
        Some(request.http_get_url())
    }

    /// How the provider describes itself, asked for once by all who wait.
    async fn described(&self, for_long: TimeDelta) -> Result<Arc<Described>, SignInError> {
        let now = self.clock.now();
        let (provider, issuer, clock) = (self.provider.clone(), self.issuer.clone(), self.clock.clone());
        let fetch = move || async move {
            let at = clock.now();
            let door = move |request: HttpRequest| {
                let provider = provider.clone();
                async move { provider.send(request).await }
            };
            let found = ProviderMetadataWithLogout::discover_async(issuer, &door).await;
            let metadata = found.map_err(|error| match error {
                openidconnect::DiscoveryError::Request(fault) => fault,
                openidconnect::DiscoveryError::Response(status, ..) => ProviderFault::Status(status.as_u16()),
                _ => ProviderFault::Unreadable,
            })?;
            Ok(Described { at, metadata })
        };
        let enough = move |known: &Described| (now - known.at).abs() < for_long;
        self.described.get(enough, fetch).await.map_err(SignInError::Away)
    }

    fn client(&self, described: &ProviderMetadataWithLogout) -> Result<ReadyClient, SignInError> {
        let token = described.token_endpoint().cloned();
        let token = token.ok_or(SignInError::Away(ProviderFault::Unreadable))?;
        let keys: CoreJsonWebKeySet = described.jwks().clone();
        let id = ClientId::new(self.settings.client_id.clone());
        let client = CoreClient::new(id, self.issuer.clone(), keys)
            .set_auth_uri(described.authorization_endpoint().clone())
            .set_token_uri(token)
            .set_redirect_uri(self.redirect.clone());
        Ok(match &self.settings.client_secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.clone())),
            None => client,
        })
    }
}
