//! The way to the OpenID provider: a few small answers over HTTP, within limits of time and size, without redirects or
//! proxies. The provider is named by who runs the service, so it may stand in a private network; what it names itself
//! must be https too. Absent: what the answers mean.

use std::net::IpAddr;
use std::time::Duration;

use openidconnect::http;
use openidconnect::{HttpRequest, HttpResponse};
use reqwest::{Client, Request, Response, redirect, retry};
use serde::Deserialize;
use url::{Host, Url};

/// The longest that an answer may take, and the part of it that connecting may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);
const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(3);

/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// The longest issuer and audience, in bytes.
const NAME_MAX: usize = 1_000;

/// Which provider proves people, and for whom its tokens are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIdSettings {
    /// The provider, exactly as its tokens name it (`iss`), with its slash at the end if it has one.
    pub issuer: String,
    /// The name of this API at the provider (`aud`).
    pub audience: String,
    /// Whether the provider may be reached by http on this machine itself: for the sandbox, never in production.
    pub insecure: bool,
}

/// Why a provider cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// The issuer is no address that may be called.
    #[error("LEDGER_OIDC_ISSUER: {0}")]
    Issuer(&'static str),
    /// The audience is empty or too long.
    #[error("LEDGER_OIDC_AUDIENCE: give the name of this API at the OpenID provider, up to 1000 characters")]
    Audience,
    /// No client could be made.
    #[error("calls to the OpenID provider cannot be prepared")]
    Client(#[source] reqwest::Error),
}

/// Why an answer was not had. What the provider said is left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFault {
    /// It names an address that is not called.
    #[error("the OpenID provider names an address that is not https")]
    Address,
    /// No answer, or none in time.
    #[error("the OpenID provider does not answer")]
    Away,
    /// It was not asked, since as many as may wait for it already.
    #[error("as many as may wait for the OpenID provider already")]
    Busy,
    /// An answer that is not 200.
    #[error("the OpenID provider answered with the status {0}")]
    Status(u16),
    /// More than is read.
    #[error("the OpenID provider's answer is larger than is read")]
    TooLarge,
    /// The answer is not what the standard says.
    #[error("the OpenID provider's answer cannot be read")]
    Unreadable,
    /// The discovery document is another provider's.
    #[error("the OpenID provider's discovery document names another issuer than LEDGER_OIDC_ISSUER")]
    OtherIssuer,
}

/// A provider and the way to it. Cloning shares the connections.
#[derive(Clone)]
pub struct Provider {
    http: Client,
    issuer: String,
    discovery: Url,
    insecure: bool,
}

#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

impl Provider {
    /// Prepares the way; nothing is sent.
    pub fn reached_by(settings: &OpenIdSettings) -> Result<Self, OpenIdError> {
        if settings.audience.is_empty() || settings.audience.len() > NAME_MAX {
            return Err(OpenIdError::Audience);
        }
        let issuer = settings.issuer.clone();
        let discovery = discovery_of(&issuer, settings.insecure).map_err(OpenIdError::Issuer)?;
        let http = http_client().map_err(OpenIdError::Client)?;
        Ok(Self { http, issuer, discovery, insecure: settings.insecure })
    }

    /// The set of the provider's keys, as it publishes it now.
    pub(super) async fn key_set(&self) -> Result<Vec<u8>, ProviderFault> {
        let found = self.get(self.discovery.clone()).await?;
        let found: Discovered = serde_json::from_slice(&found).map_err(|_| ProviderFault::Unreadable)?;
        if found.issuer != self.issuer {
            return Err(ProviderFault::OtherIssuer);
        }
        self.get(Url::parse(&found.jwks_uri).map_err(|_| ProviderFault::Unreadable)?).await
    }

    async fn get(&self, url: Url) -> Result<Vec<u8>, ProviderFault> {
        let request = http::Request::get(url.as_str()).header("accept", "application/json").body(Vec::new());
        let answer = self.send(request.map_err(|_| ProviderFault::Address)?).await?;
        match answer.status().as_u16() {
            200 => Ok(answer.into_body()),
            other => Err(ProviderFault::Status(other)),
        }
    }

    /// Sends one request and reads the answer, whatever its status.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ProviderFault> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| ProviderFault::Address)?;
        if !may_call(&url, self.insecure) {
            return Err(ProviderFault::Address);
        }
        let request = Request::try_from(request).map_err(|_| ProviderFault::Address)?;
        let response = self.http.execute(request).await.map_err(|_| ProviderFault::Away)?;
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        answer.body(read_body(response).await?).map_err(|_| ProviderFault::Unreadable)
    }
}

/// Reads the body piece by piece, so that an endless one is cut off.
async fn read_body(mut response: Response) -> Result<Vec<u8>, ProviderFault> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|_| ProviderFault::Away)? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(ProviderFault::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Where the provider describes itself.
fn discovery_of(issuer: &str, insecure: bool) -> Result<Url, &'static str> {
    let root = Url::parse(issuer).map_err(|_| "write it as https://sign-in.example.com/")?;
    if issuer.len() > NAME_MAX || root.query().is_some() || root.fragment().is_some() {
        return Err("it must end with the host or a path");
    }
    if !root.username().is_empty() || root.password().is_some() {
        return Err("it must not hold a user or a password");
    }
    if !may_call(&root, insecure) {
        return Err(
            "it must begin with https:// (http only on this machine itself, for the sandbox, with LEDGER_ALLOW_INSECURE_UPSTREAM)",
        );
    }
    let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    Url::parse(&place).map_err(|_| "write it as https://sign-in.example.com/")
}

/// https, or http on this machine itself where that is switched on.
fn may_call(url: &Url, insecure: bool) -> bool {
    let on_this_machine = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && insecure && on_this_machine)
}

/// On a machine without certificate authorities it trusts nobody: plain http to the sandbox works, and https fails.
fn http_client() -> reqwest::Result<Client> {
    let prepared = || {
        #[expect(clippy::disallowed_methods, reason = "this is the one door to the OpenID provider")]
        Client::builder()
            .user_agent(concat!("logistics-ledger/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIME_LIMIT)
            .timeout(TIME_LIMIT)
    };
    prepared().build().or_else(|_| {
        tracing::warn!("no certificate authorities found: https calls to the OpenID provider will fail");
        prepared().tls_certs_only([]).build()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_describes_itself_beneath_its_issuer() {
        for (issuer, place) in [
            ("https://a.example.com/", "https://a.example.com/.well-known/openid-configuration"),
            ("https://a.example.com", "https://a.example.com/.well-known/openid-configuration"),
            (
                "https://a.example.com/realms/x",
                "https://a.example.com/realms/x/.well-known/openid-configuration",
            ),
        ] {
            assert_eq!(discovery_of(issuer, false).unwrap().as_str(), place);
        }
    }

    #[test]
    fn http_is_for_this_machine_alone_and_needs_the_switch() {
        for issuer in ["http://127.0.0.1:9", "http://localhost:9/x", "http://[::1]:9"] {
            assert!(discovery_of(issuer, true).is_ok(), "{issuer}");
            assert!(discovery_of(issuer, false).is_err(), "{issuer}");
        }
        for issuer in [
            "http://a.example.com",
            "http://10.0.0.1",
            "file:///etc/passwd",
            "ftp://127.0.0.1",
            "https://a.example.com/?x=1",
            "https://a.example.com/#x",
            "https://u:p@a.example.com",
            "a.example.com",
            "",
        ] {
            assert!(discovery_of(issuer, true).is_err(), "{issuer}");
        }
    }
}
