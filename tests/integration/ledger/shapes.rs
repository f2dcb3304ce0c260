//! Stored events whose shape is a later version's: they are refused, and not read as if they were today's.

use logistics_domain::Source;
use logistics_ledger::ledger::{Hindsight, LedgerError};
use logistics_projections::TenantScope;
use logistics_projections::event_log::{HistoryRange, history};

use super::desk::{Desk, TENANT, address, provenance, sight, stream};

#[tokio::test]
async fn an_event_that_a_later_version_wrote_is_refused_by_commands_and_by_histories() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    desk.ledger.execute(address(1), &sight(10, 2), &provenance(Source::Poll)).await.unwrap();
    let later =
        "set session_replication_role = replica; update events set event_version = '9.1' where sequence = 2;
                 reset session_replication_role";
    sqlx::raw_sql(later).execute(desk.owner()).await.unwrap();

    let refused = desk.another_instance().execute(address(1), &sight(20, 4), &provenance(Source::Poll)).await;
    let Err(LedgerError::Corrupt { what, .. }) = &refused else { panic!("{refused:?}") };
    assert!(what.contains("9.1") && what.ends_with("run the later one"), "{what}");

    let scope = TenantScope::granted(TENANT);
    let logged = history(desk.database.pool(), &scope, stream(1), HistoryRange::default()).await.unwrap();
    let mut hindsight = Hindsight::of(&scope, stream(1));
    hindsight.take(&logged[0]).unwrap();
    let refused = hindsight.take(&logged[1]).unwrap_err();
    assert!(refused.to_string().contains("run the later one"), "{refused}");
    assert!(Hindsight::event_of(stream(1), &logged[1]).is_err());
}
