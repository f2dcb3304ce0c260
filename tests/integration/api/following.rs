//! Following as a person: the stream is of the tenant that it was opened for, and lasts as long as that one is the person's.

use std::time::Duration;

use logistics_ledger::access::{PersonChange, Role, change_person};
use logistics_ledger::app::AppSettings;
use logistics_ledger::live::LiveSettings;
use reqwest::{Method, Response, StatusCode};
use tokio::time::timeout;
use uuid::Uuid;

use super::tokens::SignedIn;
use super::world::{KALLPA, LADORE, start, unlimited};
use crate::support::service::PATIENCE;

/// Several times as long as it takes until it is asked again whether the credential holds.
const ASKED_AGAIN: Duration = Duration::from_millis(500);

async fn switch(site: &SignedIn, person: Uuid, is_active: bool) {
    let change = PersonChange { is_active: Some(is_active), ..PersonChange::default() };
    change_person(site.world.database.pool(), person, &change, start()).await.unwrap();
}

/// What else comes, up to the reason of the end.
async fn rest(mut stream: Response) -> String {
    let mut told = String::new();
    while let Ok(Some(chunk)) = stream.chunk().await {
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    told
}

#[tokio::test]
async fn a_stream_that_names_no_tenant_ends_with_the_grant_it_was_opened_under() {
    let live = LiveSettings { recheck: Duration::from_millis(50), ..LiveSettings::default() };
    let site = SignedIn::create_with(AppSettings { live, ..unlimited() }).await;
    let ours = site.person("ada", Role::Viewer, Some(LADORE)).await;
    let theirs = site.person("ada", Role::Viewer, Some(KALLPA)).await;
    switch(&site, theirs, false).await;
    let asked = site.world.request(Method::GET, "/api/v1/logistics/stream").bearer_auth(site.token("ada"));
    let stream = asked.send().await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    let mut rest = tokio::spawn(rest(stream));

    // Another brand besides takes nothing away.
    switch(&site, theirs, true).await;
    assert!(timeout(ASKED_AGAIN, &mut rest).await.is_err(), "the stream goes on");
    switch(&site, ours, false).await;
    let told = timeout(PATIENCE, rest).await.expect("the stream ends").unwrap();
    assert!(told.contains("not_admitted"), "{told}");
}
