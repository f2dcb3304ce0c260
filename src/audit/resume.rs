//! Going on from what was sealed before: its right edge, once it is known to be what one of our keys signed, what is still there,
//! and what this process saw of it earlier.

use logistics_projections::TenantScope;
use sqlx::PgConnection;

use super::checkpoints::{SealedHead, StoredCheckpoint};
use super::error::AuditError;
use super::signing_key::SigningKey;
use super::tiles::Tiles;
use super::tree::Frontier;

/// The right edge of what the newest checkpoint is over; that of an empty log where there is none.
/// [`AuditError::Altered`] where no key of ours signed it, it is not what is there, or what was known is not a part of it.
pub(super) async fn resume(
    connection: &mut PgConnection,
    key: &SigningKey,
    scope: TenantScope,
    newest: Option<&StoredCheckpoint>,
    known: Option<&SealedHead>,
) -> Result<Frontier, AuditError> {
    // Checkpoints stay for ever, so one that is known is there, or was taken away.
    let reached = newest.map_or(0, |sealed| sealed.size);
    if let Some(gone) = known.filter(|known| known.size > reached) {
        return Err(AuditError::altered(scope, gone.size));
    }
    let Some(sealed) = newest else { return Ok(Frontier::default()) };
    let signed = match key.open(scope.tenant(), &sealed.note, sealed.sealed_at) {
        Err(AuditError::Note(_)) => return Err(AuditError::altered(scope, sealed.size)),
        opened => opened?,
    };
    let mut tiles = Tiles::of(connection, scope);
    let frontier = edge(&mut tiles, scope, sealed.size).await?;
    let root = frontier.root();
    if root != sealed.root || root != signed.root || frontier.size() != signed.size {
        return Err(AuditError::altered(scope, sealed.size));
    }
    if let Some(known) = known {
        let then = edge(&mut tiles, scope, known.size).await?;
        if then.root() != known.root {
            return Err(AuditError::altered(scope, known.size));
        }
    }
    Ok(frontier)
}

/// The right edge of the first `size` events, which were sealed and so were there.
async fn edge(tiles: &mut Tiles<'_>, scope: TenantScope, size: i64) -> Result<Frontier, AuditError> {
    match tiles.frontier(size.cast_unsigned()).await {
        Err(AuditError::Missing { .. }) => Err(AuditError::altered(scope, size)),
        read => read,
    }
}
