//! What hangs on an order: comments, documents and connect actions. Absent: shipments and scans (`tracking`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::order::{lens, seen};
use super::{Answer, Call, flag, text};
use crate::sandbox::keys::Caller;
use crate::sandbox::order::{ConnectAction, Document};
use crate::sandbox::pdf;
use crate::sandbox::wire::{ActionJson, CommentJson, DocumentJson, ToolkitResult};
use crate::sandbox::world::World;

/// `GET /api/Order/{id}/Comments`; internal notes are for the warehouse's own users.
pub fn comments(world: &World, caller: &Caller, id: i64) -> Result<Answer, Answer> {
    let order = seen(world, caller, id)?;
    let notes = order.notes.iter().filter(|note| caller.admin || !note.admin);
    let lens = lens(world);
    Ok(Answer::json(&notes.map(|note| CommentJson::of(id, note, lens)).collect::<Vec<_>>()))
}

/// `POST /api/Order/{id}/Comments`.
pub fn comment(world: &mut World, call: &Call, caller: &Caller, id: i64) -> Result<Answer, Answer> {
    seen(world, caller, id)?;
    let body = call.json()?;
    let Some(comment) = text(&body, "Comment") else {
        return Ok(Answer::json(&ToolkitResult::refused("No comment specified")));
    };
    let written = world.comment(id, &comment, flag(&body, "Admin"), &caller.signature());
    Ok(written.map_or_else(|_| Answer::no_order(id), |note| Answer::json(&ToolkitResult::done(note))))
}

/// `GET /api/Order/{id}/Documents`; the data is null here.
pub fn documents(world: &World, caller: &Caller, id: i64) -> Result<Answer, Answer> {
    let order = seen(world, caller, id)?;
    let lens = lens(world);
    let rows = order.documents.iter().map(|row| DocumentJson::of(id, row, lens, None));
    Ok(Answer::json(&rows.collect::<Vec<_>>()))
}

/// `GET /api/Order/{id}/Documents/{document}`.
pub fn document(world: &World, caller: &Caller, id: i64, document: &str) -> Result<Answer, Answer> {
    let row = found(world, caller, id, document)?;
    Ok(Answer::json(&DocumentJson::of(id, row, lens(world), Some(data(row)))))
}

/// `GET /api/Order/{id}/Documents/{document}/Data`: a JSON string.
pub fn document_data(world: &World, caller: &Caller, id: i64, document: &str) -> Result<Answer, Answer> {
    Ok(Answer::json(&data(found(world, caller, id, document)?)))
}

fn found<'a>(world: &'a World, caller: &Caller, id: i64, document: &str) -> Result<&'a Document, Answer> {
    let order = seen(world, caller, id)?;
    let row = order.documents.iter().find(|row| row.id.to_string() == document);
    row.ok_or_else(|| Answer::message(404, "Document not found"))
}

fn data(row: &Document) -> String {
    STANDARD.encode(pdf::page(&row.title))
}

/// `GET /api/Order/{id}/ConnectActions`.
pub fn actions(world: &World, caller: &Caller, id: i64) -> Result<Answer, Answer> {
    let order = seen(world, caller, id)?;
    let lens = lens(world);
    Ok(Answer::json(&order.actions.iter().map(|row| ActionJson::of(id, row, lens)).collect::<Vec<_>>()))
}

/// `PUT /api/Order/{id}/ConnectActions`: needs the permission to edit, and a `SourceOrderId` not yet taken.
pub fn connect(world: &mut World, call: &Call, caller: &Caller, id: i64) -> Result<Answer, Answer> {
    if !caller.can_edit {
        return Err(Answer::status(401));
    }
    seen(world, caller, id)?;
    let Some(action) = action(&call.json()?) else {
        return Ok(Answer::json(&ToolkitResult::refused("Type and SourceOrderId are required")));
    };
    let outcome = world.connect(id, action, &caller.signature());
    Ok(outcome.map_or_else(
        |_| Answer::json(&ToolkitResult::refused("Source Order Id already exists for this Client")),
        |row| Answer::json(&ToolkitResult::done(row)),
    ))
}

/// The action that a body asks for; `None` without type or source.
pub fn action(body: &Value) -> Option<ConnectAction> {
    Some(ConnectAction {
        kind: text(body, "Type")?,
        source_order_id: text(body, "SourceOrderId")?,
        despatched_url: text(body, "ExtraCode1"),
        cancelled_url: text(body, "ExtraCode2"),
        delivered_url: text(body, "ExtraCode3"),
        authorization: text(body, "ExtraCode4"),
        split_url: text(body, "ExtraCode5"),
        complete: flag(body, "Complete"),
        messages: text(body, "Messages"),
    })
}
