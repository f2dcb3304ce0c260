//! A browser a test: chromedriver and Chromium with a fresh profile, ended with the test.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use logistics_ledger::clock;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::service::PATIENCE;

const AXE: &str = include_str!("../../fixtures/axe/axe.min.js");

/// The rules of WCAG 2.2 up to level AA, and what axe counts as good practice.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// How often chromedriver is started.
const STARTS_MAX: usize = 5;

/// A window of a laptop, and of a phone.
pub const LAPTOP: (u32, u32) = (1360, 900);
pub const PHONE: (u32, u32) = (390, 844);

pub struct Browser {
    pub client: Client,
    driver: Child,
    profile: PathBuf,
    runs_script: bool,
}

impl Browser {
    /// A browser in Spanish, with a window of a laptop.
    pub async fn open() -> Self {
        Self::open_with(true).await
    }

    /// The same, with or without script.
    pub async fn open_with(script: bool) -> Self {
        let name = format!("browser-{}", hex::encode(clock::random_bytes::<8>()));
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let (driver, port) = driver().await;
        let mut flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--disable-sync",
            "--disable-component-update",
            "--force-device-scale-factor=1",
            "--hide-scrollbars",
            "--lang=es-PE",
        ]
        .map(str::to_owned)
        .to_vec();
        flags.push(format!("--user-data-dir={}", profile.display()));
        let scripts = if script { 1 } else { 2 };
        let preferences = json!({
            "intl.accept_languages": "es-PE,es",
            "profile.managed_default_content_settings.javascript": scripts,
        });
        let wanted = json!({
            "goog:chromeOptions": {"args": flags, "prefs": preferences},
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted.as_object().unwrap().clone());
        let client = builder.connect(&format!("http://127.0.0.1:{port}")).await.expect("a browser starts");
        // A machine that does other things besides looks at a long page for long.
        let patient = TimeoutConfiguration::new(Some(PATIENCE * 2), Some(PATIENCE * 2), None);
        client.update_timeouts(patient).await.unwrap();
        let browser = Self { client, driver, profile, runs_script: script };
        browser.size(LAPTOP).await;
        browser
    }

    pub async fn size(&self, (width, height): (u32, u32)) {
        self.client.set_window_size(width, height).await.unwrap();
        // The window is not the viewport: a headless one may have a frame, so the page's own size is set too.
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.command("Emulation.setDeviceMetricsOverride", &metrics).await;
    }

    /// Sets what the page sees of the device: `light` or `dark`.
    pub async fn scheme(&self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.command("Emulation.setEmulatedMedia", &features).await;
    }

    /// Takes the network away from the page, or gives it back.
    pub async fn offline(&self, is_away: bool) {
        self.command("Network.enable", &json!({})).await;
        let conditions =
            json!({"offline": is_away, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.command("Network.emulateNetworkConditions", &conditions).await;
    }

    async fn command(&self, command: &str, params: &Value) -> Value {
        let body = json!({"cmd": command, "params": params});
        self.client.issue_cmd(Chromium { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// Runs a script in every page that is opened from now on, before those of the page.
    pub async fn run_first(&self, script: &str) {
        self.command("Page.addScriptToEvaluateOnNewDocument", &json!({"source": script})).await;
    }

    pub async fn open_page(&self, address: &str) {
        self.client.goto(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// What the browser found fault with since it was last asked: errors of script, what the content security policy
    /// refused, what could not be loaded. Pages that are refused on purpose are named in it too.
    pub async fn complaints(&self) -> Vec<String> {
        let body = json!({"type": "browser"});
        let told = self.client.issue_cmd(Chromium { path: "se/log", body }).await.unwrap();
        let severe = told.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE");
        severe.map(|line| line["message"].to_string()).collect()
    }

    pub async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{css} is not there ({error}):\n{}", self.text("body").await),
        }
    }

    pub async fn click(&self, css: &str) {
        let mut clicked = self.find(css).await.click().await;
        // A row that follows events may be another by now; a person would not notice.
        if clicked.as_ref().is_err_and(fantoccini::error::CmdError::is_stale_element_reference) {
            clicked = self.find(css).await.click().await;
        }
        clicked.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Clicks on the link or the button that says this.
    pub async fn click_words(&self, words: &str) {
        let path = format!("//*[self::a or self::button or self::summary][contains(., '{words}')]");
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::XPath(&path)).await;
        let found = found.unwrap_or_else(|error| panic!("nothing says {words}: {error}"));
        found.click().await.unwrap_or_else(|error| panic!("{words}: {error}"));
    }

    /// Types into whatever has the focus.
    pub async fn press(&self, keys: &str) {
        let mut typing = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            typing = typing.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(typing).await.unwrap();
    }

    /// Fails where the page is wider than the window. Parts that scroll by themselves may be.
    pub async fn fits(&self, page: &str) {
        let script = "const root = document.documentElement; const wide = screen.width; \
            return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > wide + 1 \
                && !e.closest('.tabs, .table-wrap, pre, .hidden-text')).slice(0, 5).map(e => e.outerHTML.slice(0, 120)) \
                .concat(root.scrollWidth > wide ? [root.scrollWidth + ' px wide, the screen is ' + wide] : []);";
        let found = self.run(script).await;
        assert_eq!(found, json!([]), "{page} is wider than the screen");
    }

    pub async fn text(&self, css: &str) -> String {
        let script = "const e = document.querySelector(arguments[0]); return e ? e.innerText : '';";
        let said = self.client.execute(script, vec![json!(css)]).await.unwrap();
        said.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page and answers what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// Waits until an expression of script is true.
    pub async fn until(&self, expression: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let script = format!("return Boolean({expression});");
        while self.client.execute(&script, vec![]).await.ok() != Some(Value::Bool(true)) {
            let shown = self.text("body").await;
            assert!(tokio::time::Instant::now() < deadline, "not true in time: {expression}\n{shown}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Keeps a picture of the page in `target/screenshots`.
    pub async fn picture(&self, name: &str) {
        if self.runs_script {
            let ready = "document.fonts.ready.then(() => arguments[0]());";
            let _ready = self.client.execute_async(ready, vec![]).await;
        }
        let sizes = self.command("Page.getLayoutMetrics", &json!({})).await;
        let (seen, whole) = (&sizes["cssLayoutViewport"], &sizes["cssContentSize"]);
        let height = |of: &Value, name: &str| of[name].as_f64().unwrap();
        let width = height(seen, "clientWidth");
        let height = height(whole, "height").max(height(seen, "clientHeight")).min(2600.0);
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
        let options = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let shot = self.command("Page.captureScreenshot", &options).await;
        let data = shot["data"].as_str().unwrap();
        let png = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(format!("{name}.png")), png).unwrap();
    }

    /// Fails with every barrier that axe finds in the page.
    pub async fn has_no_barrier(&self, page: &str) {
        self.is_fine_by(&json!({"type": "tag", "values": RULES}), page).await;
    }

    /// Fails where something cannot be told from what is behind or beside it: all that a scheme of colours decides.
    pub async fn has_good_colours(&self, page: &str) {
        self.is_fine_by(&json!({"type": "rule", "values": ["color-contrast", "link-in-text-block"]}), page)
            .await;
    }

    async fn is_fine_by(&self, rules: &Value, page: &str) {
        if self.run("return !window.axe;").await == json!(true) {
            self.run(AXE).await;
        }
        let script = "const done = arguments[1]; \
            axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']}).then( \
              found => done(found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + ' -- ' + n.failureSummary).join(' | '))), \
              error => done([String(error)]));";
        let found = self.client.execute_async(script, vec![rules.clone()]).await.unwrap();
        let found: Vec<&str> = found.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(found.is_empty(), "barriers on {page}:\n{}", found.join("\n"));
    }

    /// Ends the browser. A test that fails before leaves that to the operating system and the next sweep.
    pub async fn close(mut self) {
        let _closed = self.client.clone().close().await;
        let _ended = self.driver.kill().await;
        let _gone = std::fs::remove_dir_all(&self.profile);
    }
}

/// A chromedriver, and its port. It takes one that is free for one family of addresses and ends where the other has it in use, so
/// that beside many others it may have to be started again.
async fn driver() -> (Child, u16) {
    for _ in 0..STARTS_MAX {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut driver = command.spawn().expect("chromedriver is installed (the package chromium-driver)");
        if let Some(port) = port_of(&mut driver).await {
            return (driver, port);
        }
    }
    panic!("chromedriver did not say its port, however often it was started");
}

/// The port that chromedriver says it took; none where it ended without.
async fn port_of(driver: &mut Child) -> Option<u16> {
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.rsplit_once("on port ")
            && let Ok(port @ 1..) = port.trim_end_matches('.').parse()
        {
            // Whatever it says later must not fill the pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some(port);
        }
    }
    None
}

/// A command of Chromium's own.
#[derive(Debug)]
struct Chromium {
    path: &'static str,
    body: Value,
}

impl fantoccini::wd::WebDriverCompatibleCommand for Chromium {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &url::Url) -> (axum::http::Method, Option<String>) {
        (axum::http::Method::POST, Some(self.body.to_string()))
    }
}
