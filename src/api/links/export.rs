//! `GET /logistics/links/export`: a whole list of paid shop orders as a file, of exactly the conditions that are asked for.

use async_trait::async_trait;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use logistics_projections::TenantScope;
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{LinkView, Links, StateName, filter};
use crate::access::Principal;
use crate::api::export::{Cell, Format, Listed, answer, instant, text, unwritable};
use crate::api::extract::Query;
use crate::api::gate::Scope;
use crate::api::problem::Problem;
use crate::sync::links::{LinkError, LinkFilter, links_portion};
use crate::words::{Words, said};

/// The query: the conditions of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportQuery {
    /// The form of the file.
    #[param(inline)]
    format: Format,
    /// Only links in this state; `not_linked` is `pending` or `not_found`.
    #[param(inline)]
    state: Option<StateName>,
    /// Part of a shop order's name or of a number that is looked for, in any case; or a shop order's whole id.
    #[param(max_length = 200)]
    search: Option<String>,
}

/// A file of paid shop orders and whether each is in the warehouse.
#[utoipa::path(get, path = "/logistics/links/export", tag = "exports", params(ExportQuery),
    responses((status = 200, description = "The file, pedidos-pagados.csv, pedidos-pagados.xlsx or pedidos-pagados.jsonl; \
        a table is in the language of Accept-Language (es or en), Spanish where it names neither; with a session in the one \
        that was chosen on the pages", content(
        (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "application/x-ndjson")))))]
pub(super) async fn export(
    State(links): State<Links>,
    scope: Scope,
    principal: Principal,
    headers: HeaderMap,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let filter = filter(query.state, query.search)?;
    let permit = links.gate.exports.take(principal.id(), scope.tenant())?;
    let reading = links.gate.reader.of(scope.tenant()).await?;
    let listed = LinkRows { scope: scope.0, filter, ahead: Ahead::Beginning };
    answer(permit, reading, (scope, links.gate.language_for(&headers)), query.format, listed).await
}

/// The links of a list.
struct LinkRows {
    scope: TenantScope,
    filter: LinkFilter,
    ahead: Ahead,
}

/// Where to go on.
enum Ahead {
    Beginning,
    /// After the link that was heard of then and has this id.
    After(DateTime<Utc>, Uuid),
    Nothing,
}

#[async_trait]
impl Listed for LinkRows {
    type Row = LinkView;

    const NAME: &'static str = "pedidos-pagados";

    fn heads(words: Words) -> Vec<String> {
        vec![
            words.export_head_shop_order(),
            words.export_head_status(),
            words.missing_reason(),
            words.missing_looked_for(),
            words.missing_attempts(),
            words.missing_since(),
            words.export_head_linked(),
            words.export_head_updated(),
            words.export_head_shop_order_id(),
        ]
    }

    fn cells(link: &Self::Row, zone: Tz, words: Words) -> Vec<Cell> {
        let numbers: Vec<&str> =
            link.candidates.iter().map(|candidate| candidate.number_lowercase.as_str()).collect();
        let reason = link.reason.as_deref().map(|reason| said(words, reason).text);
        vec![
            text(Some(&link.order_name)),
            text(Some(&words.export_link_state(link.state))),
            text(reason.as_deref()),
            text(Some(&numbers.join("; "))),
            Cell::Number(link.attempts.into()),
            instant(Some(link.created_at), zone),
            instant(link.linked_at, zone),
            instant(Some(link.updated_at), zone),
            // As a text: a spreadsheet rounds long numbers.
            text(Some(&link.order_id.to_string())),
        ]
    }

    async fn next(&mut self, snapshot: &mut PgConnection) -> sqlx::Result<Option<Vec<LinkView>>> {
        let after = match self.ahead {
            Ahead::Beginning => None,
            Ahead::After(heard_at, id) => Some((heard_at, id)),
            Ahead::Nothing => return Ok(None),
        };
        let portion = links_portion(snapshot, self.scope, &self.filter, after).await;
        let portion = portion.map_err(|error| match error {
            LinkError::Database(error) => error,
            other => unwritable(other),
        })?;
        self.ahead = portion.last().map_or(Ahead::Nothing, |last| Ahead::After(last.created_at, last.id));
        Ok(Some(portion.into_iter().map(LinkView::from).collect()))
    }
}
