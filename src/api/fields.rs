//! What a field takes that was refused, for people, in their language: one sentence for each field by name, whatever the
//! room that refused it said of it in English.

use crate::words::Words;

/// What the field takes; none for one that nobody wrote a sentence for.
pub(super) fn expected_in(field: &str, words: Words) -> Option<String> {
    Some(match field.rsplit('.').next().unwrap_or(field) {
        "account_type" => words.field_account_type(),
        "api_key" => words.field_api_key(),
        "api_url" => words.field_api_url(),
        "comment" => words.field_comment(),
        "credentials" => words.field_credentials(),
        "cursor" => words.field_cursor(),
        "days" => words.field_days(),
        "email" => words.field_email(),
        "expires_at" => words.field_expires_at(),
        "id" => words.field_id(),
        "label" => words.field_label(),
        "name" => words.field_name(),
        "order_id" => words.field_order_id(),
        "order_name" => words.field_order_name(),
        "password" => words.field_password(),
        "personal_data" => words.field_personal_data(),
        "platform" => words.field_platform(),
        "reason" => words.field_reason(),
        "role" => words.field_role(),
        "shared_client_id" => words.field_shared_client_id(),
        "slug" => words.field_slug(),
        "sku_prefix" => words.field_sku_prefix(),
        "sub" => words.field_sub(),
        "tenant_id" => words.field_tenant_id(),
        "timezone" => words.field_timezone(),
        "username" => words.field_username(),
        "webhook_secret" => words.field_webhook_secret(),
        _ => return None,
    })
}
