//! Integration tests of the room `tenancy`: which configurations share an account, what a change does to the others,
//! and what is never readable in the tables.

mod hosts;
mod zones;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::{AccountId, TenantId};
use logistics_ledger::clock::Clock;
use logistics_ledger::mintsoft::Credentials;
use logistics_ledger::secrets::KeyRing;
use logistics_ledger::sync::configuring::ConfigError;
use logistics_ledger::sync::{Sources, SyncSettings};
use logistics_ledger::tenancy::{
    AccountType, ConfigPatch, NewConfig, NewTenant, Platform, ShopOrder, ShopPlatform, Tenancy, TenancyError,
    add_tenant,
};

use crate::support::database::TestDatabase;
use crate::support::world::sources;

const LADORE: TenantId = TenantId(7);
const KALLPA: TenantId = TenantId(8);

struct World {
    database: TestDatabase,
    tenancy: Tenancy,
    /// What changes configurations, an hour later.
    sources: Sources,
    now: DateTime<Utc>,
}

impl World {
    /// Two tenants without a configuration.
    async fn create() -> Self {
        let database = TestDatabase::create().await;
        let ring: KeyRing = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
        let tenancy = Tenancy::over(database.pool().clone(), ring, false);
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        for (id, slug) in [(LADORE, "ladore"), (KALLPA, "kallpa")] {
            add_tenant(database.pool(), &tenant(id.0, slug), now).await.unwrap();
        }
        let later = Clock::manual(now + TimeDelta::hours(1));
        let sources = sources(database.pool(), later, SyncSettings::default());
        let sources = Sources { tenancy: tenancy.clone(), ..(*sources).clone() };
        Self { database, tenancy, sources, now }
    }

    async fn configure(&self, tenant: TenantId, config: NewConfig) -> AccountId {
        self.tenancy.create_config(tenant, &config, self.now).await.unwrap().account_id
    }

    async fn patch(&self, tenant: TenantId, patch: ConfigPatch) -> AccountId {
        let changed = self.sources.change_config(tenant, &patch, "operator".into(), true).await;
        changed.unwrap().0.account_id
    }

    async fn password(&self, account: AccountId) -> String {
        match self.tenancy.load_account(account, None).await.unwrap().unwrap().credentials {
            Credentials::Login { password, .. } => password.to_string(),
            Credentials::ApiKey(key) => key.to_string(),
        }
    }
}

fn tenant(id: i64, slug: &str) -> NewTenant {
    NewTenant { id, name: slug.to_owned(), slug: slug.to_owned(), timezone: "America/Lima".to_owned() }
}

fn shared(prefix: &str) -> NewConfig {
    NewConfig {
        account_type: AccountType::Shared,
        api_url: "https://api.mintsoft.co.uk".to_owned(),
        credentials: Credentials::login("ops@warehouse.example", "first"),
        sku_prefix: Some(prefix.to_owned()),
        shared_client_id: Some(3),
        timezone: None,
        sync_enabled: true,
    }
}

fn dedicated() -> NewConfig {
    NewConfig { account_type: AccountType::Dedicated, sku_prefix: None, ..shared("X") }
}

#[tokio::test]
async fn configurations_with_the_same_address_login_and_client_share_an_account() {
    let world = World::create().await;
    let ladore = world.configure(LADORE, shared("LADORE")).await;
    let same_in_other_words = NewConfig {
        api_url: "https://API.mintsoft.co.uk/api/".to_owned(),
        credentials: Credentials::login("Ops@Warehouse.example", "second"),
        ..shared("KALLPA")
    };
    assert_eq!(world.configure(KALLPA, same_in_other_words).await, ladore);
    assert_eq!(world.password(ladore).await, "second", "the credentials given last are those of the account");

    let members = world.tenancy.members(ladore).await.unwrap();
    let told: Vec<_> = members.iter().map(|one| (one.tenant, one.sku_prefix.as_deref())).collect();
    assert_eq!(told, [(LADORE, Some("LADORE")), (KALLPA, Some("KALLPA"))]);
    assert_eq!(world.tenancy.accounts_to_poll().await.unwrap(), [ladore]);
}

#[tokio::test]
async fn another_client_login_or_address_is_another_account() {
    let world = World::create().await;
    let ladore = world.configure(LADORE, shared("LADORE")).await;
    let kallpa = world.configure(KALLPA, NewConfig { shared_client_id: Some(4), ..shared("LADORE") }).await;
    assert_ne!(ladore, kallpa, "a prefix may come again on another account");
    assert_eq!(world.tenancy.accounts_to_poll().await.unwrap().len(), 2);
}

#[tokio::test]
async fn credentials_alone_are_replaced_for_every_member_and_the_account_stays() {
    let world = World::create().await;
    let account = world.configure(LADORE, shared("LADORE")).await;
    world.configure(KALLPA, shared("KALLPA")).await;
    let fresh = Credentials::login("other@warehouse.example", "fresh");
    let patch = ConfigPatch { credentials: Some(fresh), ..ConfigPatch::default() };
    assert_eq!(world.patch(LADORE, patch).await, account);
    assert_eq!(world.password(account).await, "fresh");
    let kallpa = world.tenancy.find_config(KALLPA).await.unwrap().unwrap();
    assert_eq!(kallpa.account_id, account);
    assert_eq!(kallpa.credentials.set_at, world.now + TimeDelta::hours(1));
}

#[tokio::test]
async fn another_client_takes_one_tenant_to_an_account_of_its_own() {
    let world = World::create().await;
    let account = world
        .configure(LADORE, NewConfig { timezone: Some("Europe/Madrid".to_owned()), ..shared("LADORE") })
        .await;
    world.configure(KALLPA, shared("KALLPA")).await;
    let moved =
        world.patch(KALLPA, ConfigPatch { shared_client_id: Some(Some(4)), ..ConfigPatch::default() }).await;
    assert_ne!(moved, account);
    assert_eq!(world.password(moved).await, "first", "the credentials go along");
    let access = world.tenancy.load_account(moved, Some(KALLPA)).await.unwrap().unwrap();
    assert_eq!((access.client_id, access.tenant_id), (Some(4), Some(8)));
    assert_eq!(access.time_zone, chrono_tz::Europe::Madrid, "so does the zone");
    assert_eq!(world.tenancy.members(account).await.unwrap().len(), 1);

    let back =
        world.patch(KALLPA, ConfigPatch { shared_client_id: Some(Some(3)), ..ConfigPatch::default() }).await;
    assert_eq!(back, account, "what fits again is joined again");
}

impl World {
    /// Notes that the account was read, and forgets when that was last asked to happen anew.
    async fn was_read(&self, account: AccountId) {
        sqlx::query(
            "with asked as (update mintsoft_accounts set read_anew_at = null where id = $1)
             insert into sync_cursors (account_id, kind, since, updated_at) values ($1, 'orders', $2, $2)",
        )
        .bind(account.0)
        .bind(self.now)
        .execute(self.database.pool())
        .await
        .unwrap();
    }

    async fn is_read_anew(&self, account: AccountId) -> bool {
        let cursors =
            "select read_anew_at is not null and not exists (select from sync_cursors where account_id = $1)
                       from mintsoft_accounts where id = $1";
        sqlx::query_scalar(cursors).bind(account.0).fetch_one(self.database.pool()).await.unwrap()
    }
}

#[tokio::test]
async fn another_login_or_zone_has_the_account_read_from_the_beginning() {
    let world = World::create().await;
    let account = world.configure(LADORE, shared("LADORE")).await;
    let login = |name: &str| Some(Credentials::login(name, "fresh"));
    let stays = || ConfigPatch::default();
    for (patch, anew) in [
        (ConfigPatch { credentials: login("OPS@warehouse.example"), ..stays() }, false),
        (ConfigPatch { credentials: login("other@warehouse.example"), ..stays() }, true),
        (ConfigPatch { timezone: Some("Europe/London".to_owned()), ..stays() }, false),
        (ConfigPatch { timezone: Some("Europe/Madrid".to_owned()), ..stays() }, true),
    ] {
        sqlx::query("delete from sync_cursors").execute(world.database.pool()).await.unwrap();
        world.was_read(account).await;
        assert_eq!(world.patch(LADORE, patch.clone()).await, account);
        assert_eq!(world.is_read_anew(account).await, anew, "{patch:?}");
    }
}

#[tokio::test]
async fn what_a_patch_does_not_name_stays() {
    let world = World::create().await;
    world.configure(LADORE, shared("LADORE")).await;
    let before = world.tenancy.find_config(LADORE).await.unwrap().unwrap();
    world.patch(LADORE, ConfigPatch { sync_enabled: Some(false), ..ConfigPatch::default() }).await;
    let after = world.tenancy.find_config(LADORE).await.unwrap().unwrap();
    assert!(!after.sync_enabled);
    let expected = logistics_ledger::tenancy::LogisticsConfig {
        sync_enabled: false,
        updated_at: world.now + TimeDelta::hours(1),
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(world.tenancy.accounts_to_poll().await.unwrap(), []);
}

#[tokio::test]
async fn a_dedicated_account_has_one_member_and_a_prefix_one_owner() {
    let world = World::create().await;
    world.configure(LADORE, shared("LADORE")).await;
    let refused = |config: NewConfig| {
        let (tenancy, now) = (world.tenancy.clone(), world.now);
        async move { tenancy.create_config(KALLPA, &config, now).await.unwrap_err() }
    };
    assert!(matches!(refused(dedicated()).await, TenancyError::AccountNotDedicated));
    assert!(matches!(refused(shared("ladore")).await, TenancyError::PrefixTaken));
    assert_eq!(world.tenancy.find_config(KALLPA).await.unwrap(), None);

    let alone = ConfigPatch { account_type: Some(AccountType::Dedicated), ..ConfigPatch::default() };
    world.patch(LADORE, alone).await;
    assert!(matches!(refused(shared("KALLPA")).await, TenancyError::AccountNotDedicated));
}

#[tokio::test]
async fn a_refused_configuration_leaves_the_credentials_of_the_others_alone() {
    let world = World::create().await;
    let account = world.configure(LADORE, shared("LADORE")).await;
    let config =
        NewConfig { credentials: Credentials::login("ops@warehouse.example", "typo"), ..dedicated() };
    world.tenancy.create_config(KALLPA, &config, world.now).await.unwrap_err();
    assert_eq!(world.password(account).await, "first");
}

#[tokio::test]
async fn a_second_configuration_and_one_for_nobody_are_refused() {
    let world = World::create().await;
    world.configure(LADORE, shared("LADORE")).await;
    let again = world.tenancy.create_config(LADORE, &shared("L2"), world.now).await;
    assert!(matches!(again, Err(TenancyError::ConfigExists)));
    let nobody = world.tenancy.create_config(TenantId(99), &shared("L2"), world.now).await;
    assert!(matches!(nobody, Err(TenancyError::UnknownTenant)));
    let nothing = world.sources.change_config(KALLPA, &ConfigPatch::default(), "operator".into(), true).await;
    assert!(matches!(nothing, Err(ConfigError::Missing)), "{nothing:?}");
}

#[tokio::test]
async fn an_address_that_could_not_be_called_safely_is_refused() {
    let world = World::create().await;
    for inside in ["http://api.mintsoft.co.uk", "https://127.0.0.1", "https://10.0.0.1/api", "nonsense"] {
        let config = NewConfig { api_url: inside.to_owned(), ..shared("LADORE") };
        let refused = world.tenancy.create_config(LADORE, &config, world.now).await;
        assert!(matches!(refused, Err(TenancyError::BadUrl(_))), "{inside}");
    }
}

#[tokio::test]
async fn no_secret_can_be_read_in_the_tables() {
    let world = World::create().await;
    let hidden = NewConfig { credentials: Credentials::login("ops", "hunter2hunter2"), ..shared("LADORE") };
    world.configure(LADORE, hidden).await;
    world
        .configure(KALLPA, NewConfig { credentials: Credentials::api_key("0a1b2c3d4e"), ..shared("KALLPA") })
        .await;
    world.tenancy.put_shop_secret(LADORE, ShopPlatform::Shopify, "shhhshhh", world.now).await.unwrap();
    for table in ["mintsoft_accounts", "logistics_config", "shops"] {
        let kept: Vec<String> = sqlx::query_scalar(&format!("select t::text from {table} t"))
            .fetch_all(world.database.owner_pool())
            .await
            .unwrap();
        assert!(!kept.is_empty());
        for secret in ["hunter2hunter2", "0a1b2c3d4e", "shhhshhh"] {
            let in_hex = hex::encode(secret);
            assert!(kept.iter().all(|row| !row.contains(secret) && !row.contains(&in_hex)), "{table}");
        }
    }
}

#[tokio::test]
async fn a_replaced_webhook_secret_is_good_for_two_more_days() {
    let world = World::create().await;
    let good = async |now| {
        let secrets = world.tenancy.shop_secrets(LADORE, ShopPlatform::Shopify, now).await.unwrap();
        secrets.iter().map(|one| one.to_string()).collect::<Vec<_>>()
    };
    assert!(good(world.now).await.is_empty());
    for secret in ["first", "second", "second"] {
        world.tenancy.put_shop_secret(LADORE, ShopPlatform::Shopify, secret, world.now).await.unwrap();
    }
    assert_eq!(good(world.now + TimeDelta::hours(47)).await, ["second", "first"]);
    assert_eq!(good(world.now + TimeDelta::hours(48)).await, ["second"]);
    let woo = world.tenancy.shop_secrets(LADORE, ShopPlatform::Woocommerce, world.now).await.unwrap();
    assert!(woo.is_empty(), "each shop has its own");
}

#[tokio::test]
async fn a_tenant_is_added_once() {
    let world = World::create().await;
    for taken in [tenant(7, "other"), tenant(9, "ladore")] {
        let refused = add_tenant(world.database.pool(), &taken, world.now).await;
        assert!(matches!(refused, Err(TenancyError::TenantExists)));
    }
    let found = world.tenancy.find_tenant(LADORE).await.unwrap().unwrap();
    assert_eq!((found.slug.as_str(), found.timezone), ("ladore", chrono_tz::America::Lima));
    assert_eq!(world.tenancy.find_tenant(TenantId(9)).await.unwrap(), None);
}

#[tokio::test]
async fn a_poll_is_noted_for_the_account_and_the_tenants_that_took_part() {
    let world = World::create().await;
    let account = world.configure(LADORE, shared("LADORE")).await;
    world.configure(KALLPA, shared("KALLPA")).await;
    for polled_at in [world.now, world.now - TimeDelta::hours(1)] {
        let mut connection = world.database.pool().acquire().await.unwrap();
        Tenancy::record_poll(&mut connection, account, &[LADORE], polled_at, polled_at + TimeDelta::days(1))
            .await
            .unwrap();
    }
    let synced = async |tenant| world.tenancy.find_config(tenant).await.unwrap().unwrap().last_synced_at;
    assert_eq!(synced(LADORE).await, Some(world.now), "an earlier poll that ends later changes nothing");
    assert_eq!(synced(KALLPA).await, None);
}

#[tokio::test]
async fn a_shop_order_keeps_its_id_and_the_hosts_number_wins_a_row_of_its_own() {
    let world = World::create().await;
    let mut connection = world.database.pool().acquire().await.unwrap();
    let place = (Platform::Shopify, "5001");
    let id =
        ShopOrder::note_from_shop(&mut connection, LADORE, place, ("#1001", None), world.now).await.unwrap();
    let again = ShopOrder::note_from_shop(&mut connection, LADORE, place, ("#1001", Some("1001")), world.now)
        .await
        .unwrap();
    assert_eq!(id, again);
    assert!(id >= 1_000_000_000, "the ledger's own numbers never meet a host's");
    let theirs =
        ShopOrder::note_from_shop(&mut connection, KALLPA, place, ("#1001", None), world.now).await.unwrap();
    assert_ne!(theirs, id);

    ShopOrder::note_from_host(&mut connection, LADORE, 812, "#1001", world.now).await.unwrap();
    ShopOrder::note_from_host(&mut connection, LADORE, 812, "#1001", world.now).await.unwrap();
    let other = ShopOrder::note_from_host(&mut connection, LADORE, 812, "#1002", world.now).await;
    assert!(matches!(other, Err(TenancyError::OrderIdTaken)));
    ShopOrder::note_from_host(&mut connection, KALLPA, 812, "#9", world.now).await.unwrap();
    let found = ShopOrder::find(&mut *connection, LADORE, 812).await.unwrap().unwrap();
    assert_eq!(found.name, "#1001");
}
