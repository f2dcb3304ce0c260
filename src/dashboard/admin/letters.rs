//! Dead letters: what was given up, tried again or dismissed. Bodies are not shown here.

use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

use super::brands::Brands;
use super::{Admin, AdminChrome, PAGE, Pager, StaffVisit, back, beginning, require_staff};
use crate::access::Justification;
use crate::api::{NoParameters, Path, Problem, Query};
use crate::dashboard::{Frame, Moment, Page, Posted, Section};
use crate::inbox::dead_letters::{
    self as letters, DeadLetter, LetterError, LetterFilter, LetterId, LetterKind, Retried,
};
use crate::words::{Said, Words, with_its_words};

const PLACE: &str = "/dashboard/admin/dead-letters";

#[derive(Template)]
#[template(path = "admin/letters.html")]
pub(super) struct LettersPage {
    frame: Frame,
    around: AdminChrome,
    views: Vec<(String, String, bool)>,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    letter: DeadLetter,
    subject: String,
    kind: String,
    reason: Said,
    brand: String,
    died: Moment,
    dismissed: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    skip: Option<i64>,
    kind: Option<LetterKind>,
    #[serde(default)]
    dismissed: bool,
    said: Option<String>,
}

pub(super) async fn list(
    State(admin): State<Admin>,
    StaffVisit(visit): StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Page<LettersPage>, Problem> {
    let (w, skip) = (visit.words(), beginning(asked.skip));
    let filter = LetterFilter { kind: asked.kind, dismissed: asked.dismissed };
    let (total, found) = letters::letters(&admin.gate.pool, filter, skip, PAGE).await?;
    let kind = asked.kind.map(LetterKind::as_str);
    let views = [
        (PLACE.to_owned(), "all", kind.is_none() && !asked.dismissed),
        (format!("{PLACE}?kind=delivery"), "delivery", kind == Some("delivery")),
        (format!("{PLACE}?kind=job"), "job", kind == Some("job")),
        (format!("{PLACE}?dismissed=true"), "dismissed", kind.is_none() && asked.dismissed),
    ];
    let link = |skip| {
        let kind = kind.map(|kind| format!("&kind={kind}")).unwrap_or_default();
        format!("{PLACE}?skip={skip}{kind}&dismissed={}", asked.dismissed)
    };
    let pager = Pager::of(w, skip, found.len(), total, link);
    let brands = Brands::known(&admin).await?;
    let rows = found.into_iter().map(|letter| Row {
        reason: with_its_words(w, &letter.reason),
        brand: letter.tenant_id.map(|id| brands.name(id)).unwrap_or_default(),
        kind: w.admin_letter_kind(&letter.kind),
        subject: subject(w, &letter),
        died: visit.moment(letter.died_at),
        dismissed: letter.dismissed_at.map(|at| visit.moment(at)),
        letter,
    });
    Ok(Page(LettersPage {
        frame: visit.frame(w.admin_tab("dead-letters"), Section::Admin),
        around: AdminChrome::of(w, "dead-letters", asked.said.as_deref()),
        views: views.map(|(href, name, is_current)| (href, w.admin_letter_view(name), is_current)).into(),
        rows: rows.collect(),
        pager,
    }))
}

/// What a letter is about, with the shop by its name.
fn subject(w: Words, letter: &DeadLetter) -> String {
    match letter.subject.split_once(' ') {
        Some((platform @ ("shopify" | "woocommerce"), topic)) => {
            format!("{} {topic}", w.admin_platform(platform))
        }
        _ => letter.subject.clone(),
    }
}

pub(super) async fn retry(
    State(admin): State<Admin>,
    Path(letter): Path<String>,
    Posted { visit, form: NoParameters {} }: Posted<NoParameters>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let id = LetterId::named(&letter).ok_or(LetterError::Unknown)?;
    match letters::retry_letter(&admin.gate.pool, id, admin.gate.clock.now()).await? {
        Retried::Queued => Ok(back(&visit, PLACE, "retried")),
        Retried::NotNeeded => Err(LetterError::NotDead.into()),
        Retried::Erased => Err(LetterError::Erased.into()),
        Retried::Unknown => Err(LetterError::Unknown.into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DismissForm {
    reason: String,
}

pub(super) async fn dismiss(
    State(admin): State<Admin>,
    Path(letter): Path<String>,
    Posted { visit, form }: Posted<DismissForm>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let id = LetterId::named(&letter).ok_or(LetterError::Unknown)?;
    let justification =
        Justification::checked(visit.visitor.caller.actor(), &form.reason, admin.gate.clock.now())?;
    let hidden = letters::dismiss_letter(
        &admin.gate.pool,
        id,
        &justification.actor,
        &justification.reason,
        justification.at,
    )
    .await?;
    if hidden { Ok(back(&visit, PLACE, "dismissed")) } else { Err(LetterError::Unknown.into()) }
}
