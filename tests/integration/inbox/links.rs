//! Links between paid orders and the warehouse: who told of an order first does not matter, and the host's id wins.

use logistics_domain::TenantId;
use logistics_domain::order::facts::LinkBasis;
use logistics_ledger::sync::links::{
    LinkError, LinkFilter, LinkRequest, LinkRow, LinkSettings, LinkState, Origin, find_link, links_portion,
    list_links, mark_linked, mark_look, refresh_candidates, reopen, request_link, unresolved_for_numbers,
};
use logistics_ledger::sync::{Sources, SyncSettings};
use logistics_ledger::tenancy::{ConfigPatch, ShopPlatform, TenancyError};
use logistics_projections::TenantScope;

use crate::support::world::sources;

use super::site::{KALLPA, LADORE, Site, shared};

const OWN_IDS_FROM: i64 = 1_000_000_000;

fn shop(platform: ShopPlatform, external_id: &str, name: &str, number: Option<&str>) -> LinkRequest {
    LinkRequest {
        tenant: LADORE,
        origin: Origin::Shop { platform, external_id: external_id.into() },
        name: name.into(),
        order_number: number.map(str::to_owned),
        requested_by: "delivery:1".into(),
    }
}

fn shopify(external_id: &str, name: &str) -> LinkRequest {
    shop(ShopPlatform::Shopify, external_id, name, None)
}

fn host(order_id: i64, name: &str) -> LinkRequest {
    LinkRequest {
        origin: Origin::Host { order_id },
        requested_by: "key:1".into(),
        ..shop(ShopPlatform::Shopify, "", name, None)
    }
}

impl Site {
    async fn try_link(&self, request: &LinkRequest) -> Result<LinkRow, LinkError> {
        let mut transaction = self.pool().begin().await.unwrap();
        let link = request_link(&mut transaction, request, &LinkSettings::default(), self.now()).await?;
        transaction.commit().await.unwrap();
        Ok(link)
    }

    async fn link(&self, request: &LinkRequest) -> LinkRow {
        self.try_link(request).await.unwrap()
    }

    async fn mark_found(&self, link: &LinkRow, basis: LinkBasis) -> bool {
        let mut conn = self.pool().acquire().await.unwrap();
        mark_linked(&mut conn, (link.id, link.order_id), basis, i64::MAX, self.now()).await.unwrap()
    }

    async fn reload(&self, link: &LinkRow) -> LinkRow {
        find_link(self.pool(), link.id).await.unwrap().unwrap()
    }

    async fn unresolved(&self, tenant: TenantId, numbers: &[&str]) -> Vec<(i64, LinkBasis)> {
        let numbers: Vec<String> = numbers.iter().map(|number| (*number).to_owned()).collect();
        let mut conn = self.pool().acquire().await.unwrap();
        let found = unresolved_for_numbers(&mut conn, tenant, &numbers).await.unwrap();
        found.into_iter().map(|(link, basis)| (link.order_id, basis)).collect()
    }
}

#[tokio::test]
async fn asking_twice_adds_nothing_and_the_search_is_tried_for_five_minutes() {
    let site = Site::create().await;
    let first = site.link(&shopify("1", "#1001")).await;
    assert!(first.order_id >= OWN_IDS_FROM && !first.from_host);
    assert_eq!(site.link(&shopify("1", "#1001")).await, first);
    let (attempts, every): (i32, i64) = sqlx::query_as(
        "select max_attempts, extract(epoch from retry_every)::bigint from jobs where kind = 'link_order'",
    )
    .fetch_one(site.pool())
    .await
    .unwrap();
    assert_eq!((attempts, every), (11, 30));
}

#[tokio::test]
async fn the_host_gives_its_id_to_an_order_that_a_shop_told_of() {
    let site = Site::create().await;
    let told = site.link(&shopify("6674573197001", "#1001")).await;
    let named = site.link(&host(812, "1001")).await;
    assert_eq!((named.id, named.order_id, named.from_host), (told.id, 812, true));
    assert_eq!(
        site.links().await,
        [("#1001".into(), None, "6674573197001".into(), site.links().await[0].3.clone())]
    );
    // A later delivery of the same order finds it under the host's id.
    assert_eq!(site.link(&shopify("6674573197001", "#1001")).await.order_id, 812);
    assert_eq!(site.link(&host(812, "#1001")).await.id, told.id);
}

#[tokio::test]
async fn an_order_that_the_host_told_of_first_is_met_by_the_shops_delivery() {
    let site = Site::create().await;
    let named = site.link(&host(812, "#1001")).await;
    let told = site.link(&shop(ShopPlatform::Shopify, "55", "#1001", Some("1001"))).await;
    assert_eq!((told.id, told.order_id), (named.id, 812));
    let (platform, external): (String, String) =
        sqlx::query_as("select platform, external_id from orders").fetch_one(site.pool()).await.unwrap();
    assert_eq!((platform.as_str(), external.as_str()), ("shopify", "55"));
}

#[tokio::test]
async fn a_linked_order_that_the_host_names_is_linked_anew_under_that_id() {
    let site = Site::create().await;
    let told = site.link(&shopify("1", "#1001")).await;
    assert!(site.mark_found(&told, LinkBasis::Name).await);
    let named = site.link(&host(812, "#1001")).await;
    assert_eq!((named.state, named.order_id, named.from_host), (LinkState::Linked, 812, true));
    let relinks: i64 = sqlx::query_scalar("select count(*) from jobs where (payload ->> 'relink')::boolean")
        .fetch_one(site.pool())
        .await
        .unwrap();
    assert_eq!(relinks, 1);
    site.link(&host(812, "#1001")).await;
    assert_eq!(site.jobs("link_order").await, 2);
}

#[tokio::test]
async fn a_find_under_an_id_that_the_host_has_replaced_does_not_count() {
    let site = Site::create().await;
    let told = site.link(&shopify("1", "#1001")).await;
    site.link(&host(812, "#1001")).await;
    assert!(!site.mark_found(&told, LinkBasis::Name).await);
    assert_eq!(site.reload(&told).await.state, LinkState::Pending);
}

#[tokio::test]
async fn one_id_of_the_host_never_stands_for_two_orders() {
    let site = Site::create().await;
    site.link(&host(812, "#1001")).await;
    let refused = site.try_link(&host(812, "#1002")).await.unwrap_err();
    assert!(matches!(refused, LinkError::Tenancy(TenancyError::OrderIdTaken)), "{refused:?}");
    for id in [0, -1, OWN_IDS_FROM] {
        assert!(matches!(site.try_link(&host(id, "#1")).await, Err(LinkError::OrderIdOutOfRange)), "{id}");
    }
    for name in ["", " # ", "#1\u{0}", &"9".repeat(200)] {
        assert!(matches!(site.try_link(&host(1, name)).await, Err(LinkError::NameMissing)), "{name:?}");
    }
}

#[tokio::test]
async fn a_name_that_two_shops_use_is_not_guessed_at() {
    let site = Site::create().await;
    let one = site.link(&shop(ShopPlatform::Shopify, "1", "#1001", None)).await;
    let two = site.link(&shop(ShopPlatform::Woocommerce, "2", "1001", None)).await;
    let named = site.link(&host(812, "#1001")).await;
    assert!(named.id != one.id && named.id != two.id);
}

#[tokio::test]
async fn another_orders_number_is_not_taken_for_a_name_on_shopify_but_is_on_woocommerce() {
    let site = Site::create().await;
    let odd = site.link(&shop(ShopPlatform::Shopify, "1", "#1166X01", Some("1166"))).await;
    assert_ne!(site.link(&host(1, "#1166")).await.id, odd.id);
    let plugin = site.link(&shop(ShopPlatform::Woocommerce, "2", "LAD-7", Some("40527"))).await;
    assert_eq!(site.link(&host(2, "40527")).await.id, plugin.id);
}

#[tokio::test]
async fn requests_for_one_order_that_come_at_once_are_one_link() {
    let site = Site::create().await;
    let (from_shop, from_host) = (shopify("1", "#1001"), host(812, "#1001"));
    let (a, b, c, d) = tokio::join!(
        site.link(&from_shop),
        site.link(&from_host),
        site.link(&from_shop),
        site.link(&from_host)
    );
    let ids = [a.id, b.id, c.id, d.id];
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(site.reload(&a).await.order_id, 812);
}

#[tokio::test]
async fn a_link_is_found_by_the_warehouse_number_until_it_is_resolved() {
    let site = Site::create().await;
    let link = site.link(&shop(ShopPlatform::Shopify, "1", "#PE-1001", Some("1001"))).await;
    let id = link.order_id;
    assert_eq!(site.unresolved(LADORE, &["ladore-pe-1001"]).await, [(id, LinkBasis::Name)]);
    assert_eq!(site.unresolved(LADORE, &["x", "ladore-1001"]).await, [(id, LinkBasis::OrderNumber)]);
    assert_eq!(site.unresolved(LADORE, &["ladore-1001", "ladore-pe-1001"]).await, [(id, LinkBasis::Name)]);
    for none in [&["ladore-100"][..], &[]] {
        assert!(site.unresolved(LADORE, none).await.is_empty());
    }
    assert!(site.unresolved(KALLPA, &["ladore-1001"]).await.is_empty());

    let mut conn = site.pool().acquire().await.unwrap();
    assert!(mark_look(&mut conn, (link.id, i64::MAX), true, "No order.", site.now()).await.unwrap());
    assert_eq!(site.unresolved(LADORE, &["ladore-1001"]).await.len(), 1, "a later poll still links it");
    site.mark_found(&link, LinkBasis::OrderNumber).await;
    assert!(site.unresolved(LADORE, &["ladore-1001"]).await.is_empty());
}

#[tokio::test]
async fn a_late_look_does_not_undo_a_find() {
    let site = Site::create().await;
    let link = site.link(&shopify("1", "#1001")).await;
    let mut conn = site.pool().acquire().await.unwrap();
    assert!(mark_look(&mut conn, (link.id, i64::MAX), false, "Not yet.", site.now()).await.unwrap());
    let looked = site.reload(&link).await;
    assert_eq!((looked.attempts, looked.reason.as_deref()), (1, Some("Not yet.")));
    assert!(mark_look(&mut conn, (link.id, i64::MAX), true, "No order.", site.now()).await.unwrap());
    let over = site.reload(&link).await;
    assert_eq!((over.state, over.attempts), (LinkState::NotFound, 2), "the last look is one too");
    site.mark_found(&link, LinkBasis::Name).await;
    assert!(!mark_look(&mut conn, (link.id, i64::MAX), false, "late", site.now()).await.unwrap());
    assert!(!mark_look(&mut conn, (link.id, i64::MAX), true, "late", site.now()).await.unwrap());
    let found = site.reload(&link).await;
    assert_eq!((found.state, found.basis, found.reason), (LinkState::Linked, Some(LinkBasis::Name), None));
    assert_eq!(site.link(&shopify("1", "#1001")).await.state, LinkState::Linked);
}

#[tokio::test]
async fn a_lost_warehouse_order_is_looked_for_again() {
    let site = Site::create().await;
    let link = site.link(&shopify("1", "#1001")).await;
    site.mark_found(&link, LinkBasis::Name).await;
    sqlx::query("delete from jobs").execute(site.pool()).await.unwrap();
    let mut conn = site.pool().acquire().await.unwrap();
    let settings = LinkSettings::default();
    let reopened = reopen(&mut conn, (LADORE, link.order_id), "It was merged.", None, &settings, site.now())
        .await
        .unwrap();
    let reopened = reopened.unwrap();
    assert_eq!((reopened.state, reopened.basis, reopened.linked_at), (LinkState::Pending, None, None));
    assert_eq!(site.jobs("link_order").await, 1);
    assert!(reopen(&mut conn, (LADORE, 1), "x", None, &settings, site.now()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_host_that_asks_again_for_an_order_given_up_has_it_looked_for_again() {
    let site = Site::create().await;
    let link = site.link(&host(812, "#1001")).await;
    sqlx::query("delete from jobs").execute(site.pool()).await.unwrap();
    let mut conn = site.pool().acquire().await.unwrap();
    mark_look(&mut conn, (link.id, i64::MAX), true, "No order.", site.now()).await.unwrap();
    drop(conn);
    let again = site.link(&host(812, "#1001")).await;
    assert_eq!((again.state, again.attempts), (LinkState::Pending, 0));
    assert_eq!(site.jobs("link_order").await, 1);
}

#[tokio::test]
async fn a_host_that_asks_again_while_its_order_is_looked_for_has_its_word_replace_what_is_there() {
    let site = Site::create().await;
    let link = site.link(&host(812, "#1001")).await;
    sqlx::query("delete from jobs").execute(site.pool()).await.unwrap();
    let mut conn = site.pool().acquire().await.unwrap();
    // What it was linked to was given to another; the search that is made again replaces nothing.
    let reopened =
        reopen(&mut conn, (LADORE, link.order_id), "Replaced.", None, &LinkSettings::default(), site.now())
            .await;
    assert_eq!(reopened.unwrap().unwrap().state, LinkState::Pending);
    drop(conn);
    site.link(&host(812, "#1001")).await;
    let by_host = "select count(*) from jobs where kind = 'link_order' and (payload ->> 'by_host')::boolean";
    let by_host: i64 = sqlx::query_scalar(by_host).fetch_one(site.pool()).await.unwrap();
    assert_eq!((by_host, site.jobs("link_order").await), (1, 2));
}

#[tokio::test]
async fn a_host_that_asks_over_and_over_has_its_order_looked_for_by_one_search() {
    let site = Site::create().await;
    let link = site.link(&host(812, "#1001")).await;
    let mut conn = site.pool().acquire().await.unwrap();
    assert!(mark_look(&mut conn, (link.id, i64::MAX), false, "Not yet.", site.now()).await.unwrap());
    let looked = site.reload(&link).await;
    for _ in 0..3 {
        site.clock.advance(chrono::TimeDelta::seconds(10));
        assert_eq!(site.link(&host(812, "#1001")).await, looked, "it is told how it goes");
    }
    assert_eq!(site.jobs("link_order").await, 1);
    sqlx::query("update jobs set attempts = max_attempts - 1").execute(site.pool()).await.unwrap();
    assert_eq!(site.link(&host(812, "#1001")).await, looked, "a look is still to come");
    // What is at its last look may have begun before the host asked.
    let last = "update jobs set attempts = max_attempts, state = 'running', lease_token = gen_random_uuid(), \
                  lease_until = now() + interval '1 hour'";
    sqlx::query(last).execute(site.pool()).await.unwrap();
    for _ in 0..3 {
        site.clock.advance(chrono::TimeDelta::seconds(10));
        assert_eq!(site.link(&host(812, "#1001")).await.attempts, 0);
    }
    assert_eq!(site.jobs("link_order").await, 1, "beside the one that is at its last look");
}

#[tokio::test]
async fn a_new_prefix_changes_what_is_looked_for() {
    let site = Site::create().await;
    let link = site.link(&shopify("1", "#1001")).await;
    let patch = ConfigPatch { sku_prefix: Some(Some("LDR".into())), ..ConfigPatch::default() };
    let sources = sources(site.pool(), site.clock.clone(), SyncSettings::default());
    let sources = Sources { tenancy: site.tenancy.clone(), ..(*sources).clone() };
    sources.change_config(LADORE, &patch, "operator".into(), true).await.unwrap();
    let mut conn = site.pool().acquire().await.unwrap();
    let settings = LinkSettings::default();
    assert_eq!(refresh_candidates(&mut conn, LADORE, &settings, site.now()).await.unwrap(), 1);
    assert_eq!(refresh_candidates(&mut conn, LADORE, &settings, site.now()).await.unwrap(), 0);
    assert_eq!(site.reload(&link).await.candidates[0].number_lowercase, "ldr-1001");
}

#[tokio::test]
async fn a_tenant_without_a_prefix_looks_for_the_bare_name() {
    let site = Site::create().await;
    let config = logistics_ledger::tenancy::NewConfig {
        account_type: logistics_ledger::tenancy::AccountType::Dedicated,
        sku_prefix: None,
        shared_client_id: Some(9),
        ..shared("")
    };
    site.tenancy.create_config(KALLPA, &config, site.now()).await.unwrap();
    let link = site.link(&LinkRequest { tenant: KALLPA, ..shopify("1", "#1001") }).await;
    assert_eq!(link.candidates[0].number_lowercase, "1001");
}

#[tokio::test]
async fn links_are_listed_for_one_tenant_by_state() {
    let site = Site::create().await;
    for (id, name) in [("1", "#1"), ("2", "#2"), ("3", "#3")] {
        site.link(&shopify(id, name)).await;
        site.clock.advance(chrono::TimeDelta::seconds(1));
    }
    let found = site.link(&shopify("1", "#1")).await;
    site.mark_found(&found, LinkBasis::Name).await;
    let page = async |tenant, state: Option<LinkState>, skip, limit| {
        let page = list_links(
            &mut site.pool().acquire().await.unwrap(),
            TenantScope::granted(tenant),
            &LinkFilter { states: state.into_iter().collect(), search: None },
            skip,
            limit,
        )
        .await
        .unwrap();
        (page.total, page.items.into_iter().map(|link| link.order_name).collect::<Vec<_>>())
    };
    assert_eq!(page(LADORE, None, 0, 50).await, (3, vec!["#3".into(), "#2".into(), "#1".into()]));
    assert_eq!(page(LADORE, None, 1, 1).await, (3, vec!["#2".into()]));
    assert_eq!(page(LADORE, Some(LinkState::Linked), 0, 50).await, (1, vec!["#1".into()]));
    assert_eq!(page(KALLPA, None, 0, 50).await, (0, vec![]));
}

#[tokio::test]
async fn links_are_searched_by_name_by_number_and_by_whole_id() {
    let site = Site::create().await;
    for (id, name) in [("5551", "#1001"), ("5552", "#PE-1002"), ("5553", "100%_OFF"), ("5554", "#1003")] {
        site.link(&shopify(id, name)).await;
        site.clock.advance(chrono::TimeDelta::seconds(1));
    }
    let own_id = site.link(&shopify("5554", "#1003")).await.order_id.to_string();
    let found = async |tenant, search: &str| {
        let filter = LinkFilter { states: vec![LinkState::Pending], search: Some(search.to_owned()) };
        let scope = TenantScope::granted(tenant);
        let mut reading = site.pool().acquire().await.unwrap();
        let page = list_links(&mut reading, scope, &filter, 0, 50).await.unwrap();
        let whole = links_portion(&mut reading, scope, &filter, None).await.unwrap();
        assert_eq!(page.items, whole, "{search}");
        assert_eq!(page.total, i64::try_from(whole.len()).unwrap(), "{search}");
        whole.into_iter().map(|link| link.order_name).collect::<Vec<_>>()
    };
    assert_eq!(found(LADORE, " pe-10 ").await, ["#PE-1002"], "in any case, without the blanks around it");
    assert_eq!(
        found(LADORE, "LADORE-100").await,
        ["#1003", "100%_OFF", "#1001"],
        "as the warehouse would number it"
    );
    assert_eq!(found(LADORE, "%_").await, ["100%_OFF"], "what stands for anything stands for itself");
    assert_eq!(found(LADORE, "5552").await, ["#PE-1002"], "the shop's id");
    assert_eq!(found(LADORE, &own_id).await, ["#1003"], "the ledger's id");
    assert_eq!(found(LADORE, "555").await, [""; 0], "no part of an id");
    assert_eq!(found(LADORE, "\0").await, [""; 0]);
    assert_eq!(found(LADORE, "  ").await.len(), 4, "nothing is searched for");
    assert_eq!(found(KALLPA, "1001").await, [""; 0]);
}
