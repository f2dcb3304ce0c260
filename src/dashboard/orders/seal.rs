//! How far the brand's ledger is sealed, and the way to the dossier of an order, for readers who may see proofs.

use logistics_projections::TenantScope;
use uuid::Uuid;

use super::Pages;
use crate::access::Right;
use crate::api::Problem;
use crate::audit::checkpoints;
use crate::dashboard::page::Visit;

/// What stands beside the history of an order.
pub(super) struct Seal {
    /// How far the ledger is sealed.
    pub(super) told: String,
    /// The address of the dossier, where anything is sealed.
    pub(super) dossier: Option<String>,
}

impl Pages {
    /// How far the ledger that the order stands in is sealed; none for readers who may not see proofs.
    pub(super) async fn seal(
        &self,
        visit: &Visit,
        scope: &TenantScope,
        order: Uuid,
    ) -> Result<Option<Seal>, Problem> {
        if !visit.may(Right::ReadProofs) {
            return Ok(None);
        }
        let mut reading = self.gate.reader.of(scope.tenant()).await?;
        let newest = checkpoints::newest(&mut *reading, scope).await;
        reading.release();
        let w = visit.words();
        let newest = match newest {
            // The rest of the page is as good as before.
            Err(error) if error.is_damage() => {
                tracing::error!(%error, "a ledger is damaged");
                let told = w.problem("ledger_damaged", &[]).unwrap_or_default();
                return Ok(Some(Seal { told, dossier: None }));
            }
            newest => newest?,
        };
        Ok(Some(match newest {
            Some(sealed) => Seal {
                // Positions are told as the history tells them, from 0.
                told: w.sealed_until(sealed.size - 1, visit.moment(sealed.sealed_at).shown),
                dossier: Some(format!(
                    "/api/v1/logistics/orders/{order}/dossier?tenant_id={}",
                    scope.tenant()
                )),
            },
            None => Seal { told: w.sealed_not_yet(), dossier: None },
        }))
    }
}
