//! The real `ledger serve`, as a child process over a test's database: started, asked over HTTP, killed with SIGKILL,
//! started again on the same port. Absent: the sandbox, which runs in the test's own process.

use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use logistics_ledger::clock;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// The key ring that every service of the tests seals with.
pub const RING: &str = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// How long anything may take that the tests wait for.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Ports below those that systems give to outgoing connections, so that none takes ours while the service is down.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A running service, or one that was killed and can be started again.
pub struct Service {
    child: Option<Child>,
    settings: Vec<(String, String)>,
    address: SocketAddr,
    directory: PathBuf,
    client: reqwest::Client,
    /// Nobody else takes the port while the service is down.
    _port: fs::File,
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// The text as JSON; null where it is none.
    pub body: Value,
}

impl Service {
    /// Starts the service and waits until it is ready. `settings` are environment variables; they win over the usual
    /// ones of the tests: no polls but the first, no limit of the pace, and callbacks to the service itself.
    pub async fn start(database_url: &str, settings: &[(&str, &str)]) -> Self {
        let (address, port) = free_address();
        let name = format!("service-{}", hex::encode(clock::random_bytes::<8>()));
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&directory).unwrap();
        let usual = [
            ("DATABASE_URL", database_url),
            ("LEDGER_DATA_DIR", directory.to_str().unwrap()),
            ("LEDGER_MASTER_KEY", RING),
            ("LEDGER_LISTEN", &address.to_string()),
            ("LEDGER_PUBLIC_URL", &format!("http://{address}")),
            ("LEDGER_ALLOW_INSECURE_UPSTREAM", "true"),
            ("LEDGER_CALLS_PER_SECOND", "1000"),
            ("LEDGER_DATABASE_CONNECTIONS", "12"),
            ("LEDGER_POLL_INTERVAL", "1h"),
        ];
        let settings = usual.iter().chain(settings).map(|(name, value)| ((*name).into(), (*value).into()));
        let mut service = Self {
            child: None,
            settings: settings.collect(),
            address,
            directory,
            client: client(),
            _port: port,
        };
        service.restart().await;
        service
    }

    /// Another instance over the same database, on a port of its own, reached from outside by the first one's address.
    pub async fn beside(&self, settings: &[(&str, &str)]) -> Self {
        let held = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = held.filter(|(name, _)| !["LEDGER_LISTEN", "LEDGER_DATA_DIR"].contains(name));
        let all: Vec<(&str, &str)> = kept.chain(settings.iter().copied()).collect();
        Self::start("", &all).await
    }

    /// Sets an environment variable for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the service again, on the same port, and waits until it is ready.
    pub async fn restart(&mut self) {
        self.kill().await;
        let (out, err) = (self.log_file(), self.log_file());
        let mut command = Command::new(env!("CARGO_BIN_EXE_ledger"));
        command.arg("serve").env_clear().envs(self.settings.iter().cloned());
        command.stdin(Stdio::null()).stdout(out).stderr(err).kill_on_drop(true);
        self.child = Some(command.spawn().unwrap());
        let give_up = Instant::now() + PATIENCE;
        while !self.is_ready().await {
            let ended = self.child.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some());
            assert!(!ended && Instant::now() < give_up, "the service does not start:\n{}", self.log());
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn is_ready(&self) -> bool {
        let asked = self.request(Method::GET, "/readyz").send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    /// Ends the service with SIGKILL: nothing of it runs any more when this returns.
    pub async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.unwrap();
        }
    }

    /// Asks the service to end, with SIGTERM.
    pub fn ask_to_end(&self) {
        let child = self.child.as_ref().expect("a service that runs");
        let number = i32::try_from(child.id().expect("it has not ended")).unwrap();
        rustix::process::kill_process(Pid::from_raw(number).unwrap(), Signal::TERM).unwrap();
    }

    /// Waits until the service has ended, and tells its exit code.
    pub async fn exit_code(&mut self) -> Option<i32> {
        let mut child = self.child.take().expect("a service that runs");
        timeout(PATIENCE, child.wait()).await.expect("it ends").unwrap().code()
    }

    /// Everything that it wrote to its standard output and error.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    fn log_file(&self) -> File {
        OpenOptions::new().create(true).append(true).open(self.directory.join("log")).unwrap()
    }

    /// A request to be completed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Asks with a key.
    pub async fn get(&self, path: &str, key: &str) -> Reply {
        Reply::to(self.request(Method::GET, path).header("x-api-key", key)).await
    }

    /// Sends JSON with a key.
    pub async fn send(&self, method: Method, path: &str, key: &str, body: &Value) -> Reply {
        Reply::to(self.request(method, path).header("x-api-key", key).json(body)).await
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(6_000);
            let tail = log.get(from..).unwrap_or(&log);
            let mut out = std::io::stderr().lock();
            let _shown =
                std::io::Write::write_all(&mut out, format!("the service's log:\n{tail}").as_bytes());
        }
        // Left over, it is only some bytes in the build directory.
        let _removed = fs::remove_dir_all(&self.directory);
    }
}

impl Reply {
    /// Sends, and reads the answer.
    pub async fn to(request: RequestBuilder) -> Self {
        Self::perhaps(request).await.expect("an answer")
    }

    /// The same; none where the connection broke or nobody listens.
    pub async fn perhaps(request: RequestBuilder) -> Option<Self> {
        let answer = request.send().await.ok()?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.ok()?;
        let body = serde_json::from_str(&text).unwrap_or_default();
        Some(Self { status, headers, text, body })
    }

    /// The body, once the answer is found to have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }
}

/// Asks again and again until the answer is yes.
///
/// # Panics
/// When it is not yes in time; `what` says what was waited for.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < give_up, "waited in vain until {what}");
        sleep(Duration::from_millis(30)).await;
    }
}

/// An address of this machine that nobody listens on. The file is locked: while it is held, no other test gets the port.
pub fn free_address() -> (SocketAddr, fs::File) {
    let ports = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ports");
    fs::create_dir_all(&ports).unwrap();
    for _ in 0..200 {
        let chance = u16::from_be_bytes(clock::random_bytes());
        let port = PORTS.start + chance % (PORTS.end - PORTS.start);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let held = fs::File::create(ports.join(port.to_string())).unwrap();
        if held.try_lock().is_ok() && TcpListener::bind(address).is_ok() {
            return (address, held);
        }
    }
    panic!("no port is free");
}

#[expect(clippy::disallowed_methods, reason = "the tests call as anybody does")]
fn client() -> reqwest::Client {
    let limit = Duration::from_secs(20);
    reqwest::Client::builder().no_proxy().timeout(limit).build().unwrap()
}
