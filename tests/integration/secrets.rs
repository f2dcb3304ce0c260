//! Integration tests of the room `secrets`: what is sealed survives storage and a rotation of the key ring.

use logistics_ledger::secrets::{KeyRing, OrderKey, SecretError};
use uuid::Uuid;

use crate::support::database::TestDatabase;

/// The ring `name:<32 bytes of this number>`, written as in the settings.
fn entry(name: &str, base64_letter: char) -> String {
    format!("{name}:{}A=", base64_letter.to_string().repeat(42))
}

#[tokio::test]
async fn what_the_database_kept_opens_after_a_rotation_and_is_sealed_anew() {
    let database = TestDatabase::create().await;
    let stream = Uuid::from_u128(1);
    let before: KeyRing = entry("k1", 'a').parse().unwrap();
    let key = OrderKey::generate();
    let stored: Vec<u8> = sqlx::query_scalar("select $1::bytea")
        .bind(key.wrap(&before, stream))
        .fetch_one(database.pool())
        .await
        .unwrap();
    let name: String = sqlx::query_scalar("select ($1::jsonb)->>'name'")
        .bind(serde_json::json!({"name": key.seal("recipient.name", "Zoë".as_bytes())}))
        .fetch_one(database.pool())
        .await
        .unwrap();

    let rotated: KeyRing = format!("{},{}", entry("k2", 'b'), entry("k1", 'a')).parse().unwrap();
    assert!(rotated.is_stale(&stored));
    let opened = OrderKey::unwrap(&rotated, stream, &stored).unwrap();
    assert_eq!(opened.open("recipient.name", &name).unwrap().as_slice(), "Zoë".as_bytes());

    let again = opened.wrap(&rotated, stream);
    assert!(!rotated.is_stale(&again));
    let after: KeyRing = entry("k2", 'b').parse().unwrap();
    assert!(OrderKey::unwrap(&after, stream, &again).is_ok());
    assert_eq!(OrderKey::unwrap(&after, stream, &stored).unwrap_err(), SecretError::UnknownKey);
}
