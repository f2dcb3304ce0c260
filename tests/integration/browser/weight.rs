//! What a page weighs when it is opened for the first time: itself and all that it refers to, as it travels.

use std::collections::BTreeMap;

use super::demo::{Demo, SERGIO};
use super::driver::Browser;
use super::tour;

const PAGE_BYTES_MAX: usize = 100_000;
const SCRIPT_BYTES_MAX: usize = 40_000;

struct Scales {
    client: reqwest::Client,
    cookies: String,
    url: String,
    weighed: BTreeMap<String, usize>,
}

impl Scales {
    async fn get(&self, address: &str, encoding: &str) -> Vec<u8> {
        let request = self.client.get(address).header("accept-encoding", encoding);
        let answer = request.header("cookie", &self.cookies).send().await.unwrap();
        let found = answer.status();
        assert!(found.is_success() || found == 404 && address.contains("nowhere"), "{address}: {found}");
        answer.bytes().await.unwrap().to_vec()
    }

    async fn text(&self, address: &str) -> String {
        String::from_utf8(self.get(address, "identity").await).unwrap()
    }

    async fn weigh(&mut self, address: &str) -> usize {
        if let Some(weight) = self.weighed.get(address) {
            return *weight;
        }
        let weight = self.get(address, "gzip").await.len();
        self.weighed.insert(address.to_owned(), weight);
        weight
    }

    /// What a text refers to that a browser loads with it, as whole addresses of this host.
    fn loads(&self, base: &str, text: &str) -> Vec<String> {
        let base = url::Url::parse(base).unwrap();
        let tags = text.split('<').filter(|tag| {
            ["link ", "script ", "use ", "img ", "iframe "].iter().any(|name| tag.starts_with(name))
        });
        let marks = ["href=\"", "src=\""];
        let named = tags.flat_map(|tag| marks.iter().filter_map(move |mark| tag.split_once(mark)));
        let named = named.filter_map(|(_, rest)| rest.split('"').next());
        let styled = text.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
        let mut found: Vec<String> = named
            .chain(styled)
            .map(|reference| {
                let mut address = base.join(reference.trim_matches('"')).unwrap();
                address.set_fragment(None);
                assert!(address.as_str().starts_with(&self.url), "{base} loads {address}");
                address.to_string()
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "it is weighed as anybody gets it")]
async fn every_page_is_light_and_loads_nothing_foreign() {
    let demo = Demo::create().await;
    let browser = Browser::open().await;
    demo.sign_in(&browser, SERGIO).await;
    demo.choose(&browser, "Ladore").await;
    let session = browser.client.get_named_cookie("ledger_session").await.unwrap();
    browser.close().await;
    let client = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let cookies = format!("{}={}", session.name(), session.value());
    let mut scales = Scales { client, cookies, url: demo.url.clone(), weighed: BTreeMap::new() };
    let (mut told, mut heavy) = (Vec::new(), false);
    let mut pages = tour::pages(&demo).await;
    pages.retain(|(name, _)| !["order-unknown", "order-then-unknown"].contains(name));
    for (name, path) in pages {
        let address = demo.page(&path);
        let mut loaded = scales.loads(&address, &scales.text(&address).await);
        let sheet = loaded.iter().find(|one| one.contains("/app.css")).unwrap().clone();
        loaded.extend(scales.loads(&sheet, &scales.text(&sheet).await));
        loaded.sort();
        loaded.dedup();
        let alone = scales.weigh(&address).await;
        let (mut whole, mut script) = (alone, 0);
        for one in &loaded {
            let weight = scales.weigh(one).await;
            whole += weight;
            script += if one.contains(".js") { weight } else { 0 };
        }
        heavy |= whole > PAGE_BYTES_MAX || script > SCRIPT_BYTES_MAX;
        told.push(format!("{name}: {whole} bytes, itself {alone}, script {script}"));
    }
    assert!(!heavy, "too heavy:\n{told:#?}\n{:#?}", scales.weighed);
    demo.close().await;
}
