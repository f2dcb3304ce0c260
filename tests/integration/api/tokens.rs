//! Tokens of people: which are good, how the provider's keys are had, and that nobody can make the service hammer it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use futures_util::future::join_all;
use jsonwebtoken::{EncodingKey, Header, encode};
use logistics_domain::TenantId;
use logistics_ledger::access::{
    OpenIdSettings, PersonChange, PersonRequest, Role, add_person, change_person,
};
use logistics_ledger::app::AppSettings;
use logistics_ledger::clock::Clock;
use logistics_ledger::sandbox::{OpenIdHandle, Sandbox, SandboxSettings, SigningMethod, TokenSpec};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Answer, KALLPA, LADORE, World, answer, start, unlimited};

const ORDERS: &str = "/api/v1/logistics/orders";

pub struct SignedIn {
    pub world: World,
    pub provider: OpenIdHandle,
    _sandbox: Sandbox,
}

impl SignedIn {
    /// A service that takes the tokens of the sandbox's provider, both at the time of one clock.
    pub async fn create() -> Self {
        Self::create_with(unlimited()).await
    }

    /// The same with other settings.
    pub async fn create_with(settings: AppSettings) -> Self {
        let clock = Clock::manual(start());
        let sandbox = SandboxSettings { clock: clock.clone(), ..SandboxSettings::default() };
        let sandbox = Sandbox::start(sandbox).await.unwrap();
        let provider = sandbox.openid();
        let (issuer, audience) = (provider.issuer(), provider.audience());
        let openid = Some(OpenIdSettings { issuer, audience, insecure: true });
        let settings = AppSettings { openid, ..settings };
        Self { world: World::create_with(settings, clock).await, provider, _sandbox: sandbox }
    }

    /// Takes a person in, and answers the id.
    pub async fn person(&self, sub: &str, role: Role, tenant: Option<TenantId>) -> Uuid {
        let (sub, email) = (sub.to_owned(), "ada@ladore.example".to_owned());
        let request = PersonRequest { sub, email, name: "Ada".to_owned(), tenant, role };
        add_person(self.world.database.pool(), &request, "test", start()).await.unwrap().id
    }

    pub fn token(&self, sub: &str) -> String {
        self.mint(&TokenSpec { sub: sub.to_owned(), ..TokenSpec::default() })
    }

    fn mint(&self, spec: &TokenSpec) -> String {
        self.provider.mint(spec).unwrap()
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        answer(self.world.request(Method::GET, path).bearer_auth(token)).await
    }

    /// Why a token was refused, once it is found to be a 401 that says so in both forms.
    async fn refusal(&self, token: &str) -> String {
        let got = self.get(ORDERS, token).await;
        assert_eq!((got.status, got.code()), (StatusCode::UNAUTHORIZED, "credential_invalid"), "{got:?}");
        let challenge = got.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{challenge}");
        got.detail().to_owned()
    }
}

fn ada() -> TokenSpec {
    TokenSpec { sub: "ada".to_owned(), ..TokenSpec::default() }
}

#[tokio::test]
async fn a_token_of_a_known_person_opens_what_the_role_may() {
    let site = SignedIn::create().await;
    let id = site.person("ada", Role::Ventas, Some(LADORE)).await;
    let token = site.token("ada");
    assert_eq!(site.get(ORDERS, &token).await.status, StatusCode::OK);
    let foreign = site.get("/api/v1/logistics/orders?tenant_id=8", &token).await;
    assert_eq!((foreign.status, foreign.code()), (StatusCode::NOT_FOUND, "tenant_unknown"));
    let denied = site.get("/api/v1/people", &token).await;
    assert_eq!((denied.status, denied.code()), (StatusCode::FORBIDDEN, "role_not_allowed"));

    let body = json!({ "order_id": 5, "order_name": "#1001" });
    let asked = site.world.request(Method::POST, "/api/v1/logistics/links").bearer_auth(&token).json(&body);
    let asked = answer(asked).await;
    assert_eq!(asked.body["requested_by"], format!("user:{id}"), "{asked:?}");
}

#[tokio::test]
async fn a_token_is_good_for_its_time_its_maker_and_its_audience_alone() {
    let site = SignedIn::create().await;
    site.person("ada", Role::Viewer, Some(LADORE)).await;
    for (spec, word) in [
        (TokenSpec { expires_in_s: Some(-31), ..ada() }, "expired"),
        (TokenSpec { not_before_in_s: Some(31), ..ada() }, "not valid yet"),
        (TokenSpec { iss: Some("https://other.example/".to_owned()), ..ada() }, "another sign-in service"),
        (TokenSpec { iss: Some(format!("{}/", site.provider.issuer())), ..ada() }, "another sign-in service"),
        (TokenSpec { aud: Some(json!("another")), ..ada() }, "another audience"),
        (TokenSpec { aud: Some(json!(["one", "two"])), ..ada() }, "another audience"),
        (TokenSpec { aud: Some(json!(null)), ..ada() }, "another audience"),
        (TokenSpec { sub: String::new(), ..ada() }, "lacks sub"),
    ] {
        let told = site.refusal(&site.mint(&spec)).await;
        assert!(told.contains(word), "{told} {spec:?}");
    }
    let several = TokenSpec { aud: Some(json!(["x", site.provider.audience()])), ..ada() };
    for spec in [
        several,
        TokenSpec { expires_in_s: Some(-29), ..ada() },
        TokenSpec { not_before_in_s: Some(29), ..ada() },
    ] {
        assert_eq!(site.get(ORDERS, &site.mint(&spec)).await.status, StatusCode::OK, "{spec:?}");
    }
    let token = site.token("ada");
    site.world.clock.advance(TimeDelta::hours(2));
    assert!(site.refusal(&token).await.contains("expired"));
}

#[tokio::test]
async fn no_forged_signature_is_taken() {
    let site = SignedIn::create().await;
    site.person("ada", Role::Viewer, Some(LADORE)).await;
    let good = site.token("ada");
    assert_eq!(site.get(ORDERS, &good).await.status, StatusCode::OK);
    let [head, claims, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let kid = site.provider.key_set()["keys"][0]["kid"].as_str().unwrap().to_owned();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());

    // Nobody signed it.
    for alg in ["none", "None", "NONE"] {
        let bare = format!("{}.{claims}.", part(&json!({ "alg": alg, "kid": kid })));
        assert!(site.refusal(&bare).await.contains("RS256"), "{alg}");
    }
    // The public key, taken for a shared secret.
    let modulus = site.provider.key_set()["keys"][0]["n"].as_str().unwrap().to_owned();
    let mut confused = Header::new(jsonwebtoken::Algorithm::HS256);
    confused.kid = Some(kid.clone());
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    for secret in [modulus.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(&modulus).unwrap()] {
        let forged = encode(&confused, &payload, &EncodingKey::from_secret(&secret)).unwrap();
        assert!(site.refusal(&forged).await.contains("RS256"));
    }
    // The right key for another method.
    let other = format!("{}.{claims}.{signature}", part(&json!({ "alg": "ES256", "kid": kid })));
    site.refusal(&other).await;
    // Other claims under the same signature, a signature cut short, and none.
    let mut raised = payload.clone();
    raised["sub"] = json!("root");
    let cut = &signature[..signature.len() - 8];
    for broken in [
        format!("{head}.{}.{signature}", part(&raised)),
        format!("{head}.{claims}.{cut}"),
        format!("{head}.{claims}."),
        format!("{head}.{claims}"),
        "nonsense".to_owned(),
        "a".repeat(7_000),
    ] {
        site.refusal(&broken).await;
    }
    // A head that brings its own key proves nothing.
    let own = json!({ "alg": "RS256", "kid": "mine", "jwk": site.provider.key_set()["keys"][0] });
    let told = site.refusal(&format!("{}.{claims}.{signature}", part(&own))).await;
    assert!(told.contains("does not publish"), "{told}");
}

#[tokio::test]
async fn keys_rotate_and_an_elliptic_one_is_as_good() {
    let site = SignedIn::create().await;
    site.person("ada", Role::Viewer, Some(LADORE)).await;
    let before = site.token("ada");
    assert_eq!(site.get(ORDERS, &before).await.status, StatusCode::OK);
    assert_eq!(site.provider.key_fetches(), 1);

    site.world.clock.advance(TimeDelta::minutes(1));
    site.provider.rotate(SigningMethod::Es256, false).unwrap();
    let after = site.token("ada");
    for token in [&after, &before, &after] {
        assert_eq!(site.get(ORDERS, token).await.status, StatusCode::OK);
    }
    assert_eq!(site.provider.key_fetches(), 2, "the keys are asked for once, by the first unknown name");
}

#[tokio::test]
async fn a_withdrawn_key_ends_within_the_hour() {
    let site = SignedIn::create().await;
    site.person("ada", Role::Viewer, Some(LADORE)).await;
    let old = site.mint(&TokenSpec { expires_in_s: Some(90_000), ..ada() });
    assert_eq!(site.get(ORDERS, &old).await.status, StatusCode::OK);
    site.provider.rotate(SigningMethod::Rs256, true).unwrap();
    site.world.clock.advance(TimeDelta::minutes(59));
    assert_eq!(site.get(ORDERS, &old).await.status, StatusCode::OK);
    site.world.clock.advance(TimeDelta::minutes(2));
    assert!(site.refusal(&old).await.contains("does not publish"));
}

#[tokio::test]
async fn keys_that_were_fetched_by_a_clock_that_was_ahead_are_fetched_again() {
    let site = SignedIn::create().await;
    site.person("ada", Role::Viewer, Some(LADORE)).await;
    let old = site.mint(&TokenSpec { not_before_in_s: Some(-90_000), ..ada() });
    assert_eq!(site.get(ORDERS, &old).await.status, StatusCode::OK);
    site.provider.rotate(SigningMethod::Rs256, true).unwrap();
    site.world.clock.advance(TimeDelta::hours(-2));
    assert!(site.refusal(&old).await.contains("does not publish"));
}

#[tokio::test]
async fn forged_names_of_keys_cannot_make_the_service_hammer_the_provider() {
    let site = SignedIn::create().await;
    site.person("ada", Role::Viewer, Some(LADORE)).await;
    let good = site.token("ada");
    let forged = |number: u32| {
        let head = json!({ "alg": "RS256", "kid": format!("forged-{number}") }).to_string();
        format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(head))
    };
    let flood = join_all((0..100).map(|number| {
        let token = forged(number);
        let site = &site;
        async move { site.get(ORDERS, &token).await.status }
    }));
    // Few wait for the provider; the others are told at once to come again.
    let told = [StatusCode::UNAUTHORIZED, StatusCode::SERVICE_UNAVAILABLE];
    assert!(flood.await.iter().all(|status| told.contains(status)));
    assert_eq!(site.provider.key_fetches(), 1);
    assert_eq!(site.get(ORDERS, &good).await.status, StatusCode::OK, "a good token is not held up");

    site.world.clock.advance(TimeDelta::seconds(11));
    for number in 100..120 {
        site.refusal(&forged(number)).await;
    }
    assert_eq!(site.provider.key_fetches(), 2);
}

#[tokio::test]
async fn while_the_provider_is_away_known_keys_serve_and_unknown_ones_are_told_to_wait() {
    let site = SignedIn::create().await;
    site.person("ada", Role::Viewer, Some(LADORE)).await;
    let long = site.mint(&TokenSpec { expires_in_s: Some(200_000), ..ada() });
    site.provider.be_away(true);
    let away = site.get(ORDERS, &long).await;
    assert_eq!((away.status, away.code()), (StatusCode::SERVICE_UNAVAILABLE, "provider_away"));
    assert!(away.headers.contains_key("retry-after"));

    site.provider.be_away(false);
    site.world.clock.advance(TimeDelta::seconds(11));
    assert_eq!(site.get(ORDERS, &long).await.status, StatusCode::OK);
    site.provider.be_away(true);
    site.world.clock.advance(TimeDelta::hours(5));
    assert_eq!(site.get(ORDERS, &long).await.status, StatusCode::OK);
    site.world.clock.advance(TimeDelta::hours(20));
    assert_eq!(site.get(ORDERS, &long).await.code(), "provider_away", "no key is used for ever");
}

#[tokio::test]
async fn a_person_is_refused_from_the_moment_the_access_is_switched_off() {
    let site = SignedIn::create().await;
    let token = site.token("ada");
    let stranger = site.get(ORDERS, &token).await;
    assert_eq!((stranger.status, stranger.code()), (StatusCode::FORBIDDEN, "person_unknown"));

    let id = site.person("ada", Role::Viewer, Some(LADORE)).await;
    assert_eq!(site.get(ORDERS, &token).await.status, StatusCode::OK);
    let off = PersonChange { is_active: Some(false), ..PersonChange::default() };
    change_person(site.world.database.pool(), id, &off, start()).await.unwrap();
    for path in [ORDERS, "/api/v1/me", "/api/v1/people"] {
        let refused = site.get(path, &token).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "person_inactive"), "{path}");
    }
    let on = PersonChange { is_active: Some(true), ..PersonChange::default() };
    change_person(site.world.database.pool(), id, &on, start()).await.unwrap();
    let owner = site.world.database.owner_pool();
    sqlx::query("update tenants set is_active = false where id = 7").execute(owner).await.unwrap();
    assert_eq!(site.get(ORDERS, &token).await.code(), "tenant_inactive");
}

#[tokio::test]
async fn a_person_of_two_brands_says_which_and_is_in_each_what_was_given_there() {
    let site = SignedIn::create().await;
    site.person("ada", Role::Ventas, Some(LADORE)).await;
    site.person("ada", Role::Viewer, Some(KALLPA)).await;
    let token = site.token("ada");
    let unnamed = site.get(ORDERS, &token).await;
    assert_eq!((unnamed.status, unnamed.code()), (StatusCode::BAD_REQUEST, "tenant_id_missing"));
    for (tenant, status) in [(7, StatusCode::OK), (8, StatusCode::OK), (9, StatusCode::NOT_FOUND)] {
        let got = site.get(&format!("{ORDERS}?tenant_id={tenant}"), &token).await;
        assert_eq!(got.status, status, "{tenant}");
    }
    let link = |tenant: i64| {
        let path = format!("/api/v1/logistics/links?tenant_id={tenant}");
        let body = json!({ "order_id": 5, "order_name": "#1001" });
        answer(site.world.request(Method::POST, &path).bearer_auth(&token).json(&body))
    };
    assert_eq!(link(7).await.status, StatusCode::ACCEPTED);
    assert_eq!(link(8).await.code(), "role_not_allowed");

    let me = site.get("/api/v1/me", &token).await.body;
    assert_eq!((&me["kind"], &me["email"]), (&json!("person"), &json!("ada@ladore.example")));
    assert_eq!(me["every_tenant"], false);
    let roles: Vec<_> =
        me["tenants"].as_array().unwrap().iter().map(|one| (&one["slug"], &one["role"])).collect();
    assert_eq!(roles, [(&json!("kallpa"), &json!("VIEWER")), (&json!("ladore"), &json!("VENTAS"))]);
    assert_eq!(me["tenants"][0]["timezone"], "America/Lima");
    assert_eq!(me["tenants"][0]["rights"], json!(["read_orders", "read_history", "export_orders"]));
}

#[tokio::test]
async fn the_rules_of_roles_and_tenants_are_the_same_for_people_as_for_keys() {
    let site = SignedIn::create().await;
    for role in Role::ALL {
        let tenant = (role != Role::Superadmin).then_some(LADORE);
        let sub = role.as_str().to_lowercase();
        site.person(&sub, role, tenant).await;
        let (token, key) = (site.token(&sub), site.world.key(role, tenant).await);
        for entry in site.world.app.routes().to_vec() {
            for named in [LADORE, KALLPA] {
                let path = super::addresses::address(&entry, named);
                let request = || site.world.request(entry.method.clone(), &path).json(&json!([]));
                let by_token = answer(request().bearer_auth(&token)).await;
                let by_key = answer(request().header("x-api-key", &key)).await;
                assert_eq!(by_token.status, by_key.status, "{role} {path}");
                assert_eq!(by_token.body["code"], by_key.body["code"], "{role} {path}");
            }
        }
    }
}
