//! A refresh that a reader asks for says whether the warehouse was asked, and goes on saying only what is still so.

use logistics_ledger::clock::Clock;
use logistics_ledger::sandbox::Fault;
use reqwest::Method;

use crate::actions::desk::{QUICK, known_order};
use crate::service::site::Site;
use crate::support::service::{Reply, until};

const READ: &str = "Verificado recién: no hay novedades";
const UNREAD: &str = "No pudimos preguntarle al almacén. Lo que ves es de";

/// A site with one order, that somebody looks at.
struct Desk {
    site: Site,
    cookie: String,
    upstream: i64,
    order: String,
}

impl Desk {
    async fn create() -> Self {
        let site = Site::settled(&QUICK).await;
        let cookie = site.sign_in().await;
        let (upstream, order) = known_order(&site, "ladore-1").await;
        let at_work = "select count(*) from jobs
             where (kind like '%_order' or kind = 'register_callbacks') and state in ('ready', 'running')";
        until("nobody reads it any more", async || site.count(at_work).await == 0).await;
        Self { site, cookie, upstream, order }
    }

    /// The page, as it is opened at an address that tells of a refresh.
    async fn page(&self, query: &str) -> String {
        self.site.page(&self.cookie, &format!("{}?{query}", self.order)).await
    }

    /// Sends the form of the page, and follows where it leads.
    async fn refresh(&self) -> String {
        let page = self.page("").await;
        let field = |name: &str| {
            let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect("the field");
            rest.split('"').next().unwrap_or_default().to_owned()
        };
        let pairs = [("csrf", field("csrf")), ("seen", field("seen"))];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let path = format!("/dashboard/orders/{}/refresh", self.order);
        let request = self.site.service.request(Method::POST, &path).header("cookie", &self.cookie);
        let request = request.header("accept-language", "es").body(form);
        let page = Reply::to(request.header("content-type", "application/x-www-form-urlencoded")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        page.text
    }

    /// How often the warehouse was asked for the order.
    fn asked(&self) -> usize {
        self.site.mintsoft.count_calls(&format!("get /api/order/{}", self.upstream))
    }

    /// Has all that is known of orders grow older.
    async fn ages(&self, by: &str) {
        for (table, columns) in [
            ("logistics_orders", &["observed_at"][..]),
            ("order_checks", &["asked_at", "answered_at"]),
            ("logistics_config", &["last_synced_at"]),
        ] {
            let set: Vec<_> =
                columns.iter().map(|name| format!("{name} = {name} - interval '{by}'")).collect();
            let sql = format!("update {table} set {}", set.join(", "));
            sqlx::query(&sql).execute(self.site.database.owner_pool()).await.unwrap();
        }
    }
}

fn seconds_ago(seconds: i64) -> i64 {
    Clock::system().now().timestamp() - seconds
}

#[tokio::test]
async fn a_refresh_says_whether_the_warehouse_was_asked() {
    let desk = Desk::create().await;
    let before = desk.asked();
    let page = desk.refresh().await;
    assert!(page.contains(READ) && !page.contains(UNREAD), "{page}");
    assert_eq!(desk.asked(), before + 1);

    desk.ages("3 hours").await;
    desk.site.mintsoft.fail_next(Fault::HtmlBadGateway, 1_000, None);
    let page = desk.refresh().await;
    assert!(page.contains(&format!("{UNREAD} hace 3 h.")), "{page}");
    assert!(!page.contains("Verificado recién"), "{page}");
}

#[tokio::test]
async fn the_address_of_a_refresh_asks_again_when_it_is_opened_later_and_not_at_once() {
    let desk = Desk::create().await;
    desk.ages("3 hours").await;
    let (asked, just) = (desk.asked(), seconds_ago(0));
    let page = desk.page(&format!("since=99&unread_at={just}")).await;
    assert!(page.contains(UNREAD), "{page}");
    assert_eq!(desk.asked(), asked, "the reader waited already");
    let page = desk.page(&format!("since=99&unread_at={}", seconds_ago(7_200))).await;
    assert_eq!(desk.asked(), asked + 1);
    assert!(page.contains(READ) && !page.contains(UNREAD), "{page}");

    desk.ages("2 minutes").await;
    let page = desk.page(&format!("since=99&read_at={}", seconds_ago(120))).await;
    assert!(!page.contains("Verificado recién") && !page.contains(UNREAD), "{page}");
    assert_eq!(desk.asked(), asked + 1, "it is not old yet");
    desk.ages("3 hours").await;
    let page = desk.page(&format!("since=99&read_at={}", seconds_ago(10_800))).await;
    assert!(page.contains(READ), "{page}");
    assert_eq!(desk.asked(), asked + 2);
}
