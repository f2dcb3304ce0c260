//! What is read in the warehouse when somebody looks at an order: the comments, with a box to write one, and the
//! documents. A part of the page of the order that comes when the rest is there already, or a page of its own without
//! script.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use logistics_domain::status::WarehouseClock;
use logistics_projections::comments::CommentState;
use serde::Deserialize;
use uuid::Uuid;

use super::Pages;
use super::act::{asking, refused};
use super::cancelling::is_own_word;
use super::detail::address;
use super::people::People;
use crate::access::Right;
use crate::actions::{Fetched, ListedDocument, ThreadComment};
use crate::api::{CanBeDone, Path, Problem, RequestId};
use crate::clock;
use crate::dashboard::Moment;
use crate::dashboard::form::Posted;
use crate::dashboard::page::{Frame, Page, Section, Visit};
use crate::words::{Said, said};

/// The page.
#[derive(Template)]
#[template(path = "orders/conversation.html")]
struct ConversationPage {
    frame: Frame,
    talk: Talk,
}

/// The part of the page of the order.
#[derive(Template)]
#[template(path = "orders/conversation_part.html")]
struct ConversationPart {
    frame: Frame,
    talk: Talk,
}

/// What is shown.
struct Talk {
    id: Uuid,
    comments: Vec<Comment>,
    /// What it is counted from, and as it is said.
    comments_age: Option<(String, String)>,
    documents: Vec<Document>,
    documents_age: Option<(String, String)>,
    /// Whether the personal data was erased, so that nothing is asked for any more.
    is_erased: bool,
    can_comment: bool,
    /// Why no comment can be written, for those who otherwise might.
    refused: Option<String>,
    request_key: Uuid,
    /// Whether it stands in the page of the order, whose script sends the comment, so that a refused one stays in its box.
    is_part: bool,
}

/// One comment.
struct Comment {
    author: String,
    when: Option<Moment>,
    text: String,
    is_ours: bool,
    is_internal: bool,
    /// `requested`, `left`, `posted`, `refused` or `not_done`.
    state: &'static str,
    message: Option<Said>,
}

/// One document.
struct Document {
    name: String,
    kind: String,
    href: String,
    size: Option<String>,
    /// Whether a browser shows it in a frame.
    is_shown: bool,
    /// Whether a browser that goes there saves it unasked: all but what it would show instead.
    is_saved: bool,
    is_harmful: bool,
    differs: Option<Moment>,
}

/// What is to be written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommentForm {
    comment: String,
    #[serde(default)]
    internal: Option<String>,
    key: String,
}

pub(super) async fn conversation(
    State(pages): State<Pages>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    visit.require(Right::ReadOrders)?;
    let (w, scope, now) = (visit.words(), visit.scope()?, pages.gate.clock.now());
    let order = pages.order(&scope, id).await?;
    let at = address(scope, &order);
    let (thread, documents) = tokio::join!(pages.actions.thread(at), pages.actions.documents(at));
    let (thread, documents) = (thread?, documents?);
    let authors = thread.comments.iter().filter_map(|comment| comment.author.as_deref()).collect();
    let people = People::among(&pages.gate.pool, w, authors).await?;
    let age = |at: Option<_>| at.map(|at| (visit.moment(at).iso, w.age_of(at, now)));
    let is_erased = pages.sources.ledger.open(at).await?.key.is_none();
    let can = CanBeDone::with(&order, is_erased, visit.visitor.caller.role()).comment;
    let listed = documents.items.into_iter();
    let talk = Talk {
        id,
        comments: thread
            .comments
            .into_iter()
            .map(|one| Comment::of(&visit, &people, order.clock(), one))
            .collect(),
        comments_age: age(thread.checked_at),
        documents: listed.map(|(listed, known)| Document::of(&visit, id, listed, known.as_ref())).collect(),
        documents_age: age(documents.checked_at),
        is_erased,
        refused: refused(w, &can).filter(|_| visit.may(Right::ActOnOrders)),
        can_comment: can.allowed,
        request_key: clock::new_id(),
        is_part: visit.wanted.is_some(),
    };
    let frame = visit.frame(w.conversation_title(&order.mintsoft_order_number), Section::Orders);
    Ok(match visit.wanted {
        Some(_) => Page(ConversationPart { frame, talk }).into_response(),
        None => Page(ConversationPage { frame, talk }).into_response(),
    })
}

/// Has a comment written in the warehouse's system, once however often the form is sent.
pub(super) async fn comment(
    State(pages): State<Pages>,
    Path(id): Path<Uuid>,
    Extension(request): Extension<RequestId>,
    Posted { visit, form }: Posted<CommentForm>,
) -> Result<Redirect, Problem> {
    visit.require(Right::ActOnOrders)?;
    let scope = visit.scope()?;
    let order = pages.order(&scope, id).await?;
    let asking = asking(&visit, scope, &order, request, &form.key)?;
    pages.actions.comment(&asking, &form.comment, form.internal.is_some()).await?;
    Ok(Redirect::to(&visit.order(id, "#conversation")))
}

impl Comment {
    fn of(visit: &Visit, people: &People, clock: WarehouseClock, comment: ThreadComment) -> Self {
        let w = visit.words();
        let is_ours = comment.request_id.is_some();
        let author = comment.author.unwrap_or_default();
        let (state, message) = match comment.state {
            CommentState::Requested => match comment.left_to_person {
                Some(why) => ("left", Some(said(w, &why))),
                None => ("requested", None),
            },
            CommentState::Posted => ("posted", None),
            CommentState::Refused { message } => {
                let state = if is_own_word(w, &message) { "not_done" } else { "refused" };
                (state, Some(said(w, &message)))
            }
        };
        Self {
            author: match (is_ours, author.is_empty()) {
                (true, _) => people.name(&author),
                (false, true) => w.actor_warehouse(),
                (false, false) => author,
            },
            when: comment.written_at.map(|at| visit.moment_by(clock, at)),
            text: comment.text.unwrap_or_else(|| w.words_erased()),
            is_ours,
            is_internal: comment.internal == Some(true),
            state,
            message,
        }
    }
}

impl Document {
    fn of(visit: &Visit, order: Uuid, listed: ListedDocument, known: Option<&Fetched>) -> Self {
        let w = visit.words();
        let kind = w.document_kind(listed.type_name().unwrap_or_default());
        let name = listed.file_name.unwrap_or_else(|| kind.clone());
        let told = known.map(|known| known.media_type.as_str()).or(listed.content_type.as_deref());
        let is_pdf = told.is_some_and(|told| told.contains("pdf")) || name.to_lowercase().ends_with(".pdf");
        let is_picture = told.is_some_and(|told| told.contains("image"))
            || [".png", ".jpg", ".jpeg", ".gif"].iter().any(|end| name.to_lowercase().ends_with(end));
        let brand = visit.visitor.brand.as_ref().map_or(0, |brand| brand.id.0);
        Self {
            href: format!("/api/v1/logistics/orders/{order}/documents/{}?tenant_id={brand}", listed.id),
            name,
            kind,
            size: known.map(|known| w.kilobytes(w.number((known.size_bytes + 1023) / 1024))),
            is_shown: is_pdf && !listed.harmful,
            is_saved: listed.harmful || !(is_pdf || is_picture),
            is_harmful: listed.harmful,
            differs: known.and_then(|known| known.differs_since).map(|at| visit.moment(at)),
        }
    }
}
