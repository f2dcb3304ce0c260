//! A faithful simulator of Mintsoft, in memory and seeded, used by `ledger sandbox`, the demo, the tests and
//! the benchmarks. The product never knows that it talks to it, and it shares no line with the room
//! `mintsoft`: it writes its JSON itself, so that a misreading on one side shows on the other. Absent: a
//! database, and every endpoint that this project does not call.
//!
//! # The simulated API
//! Under `/api`: `POST Auth`, `Order/List`, `Order/Search`, `PUT Order`, `Order/{id}` and its `Cancel`,
//! `Comments`, `Documents`, `Shipments`, `ConnectActions`, `Splits`; `Order/Statuses`,
//! `Order/Shipments/TrackingEvents/List` and `/Statuses`, `Courier/Services`, `Client`. Paths and parameter
//! names are matched without regard to case, and a double slash is forgiven, as upstream does.
//!
//! # The control API
//! Under `/sandbox`, JSON in and out, no key needed (listen on the loopback only):
//!
//! | call | body | effect |
//! |---|---|---|
//! | `POST /sandbox/orders` | [`OrderSpec`] | creates an order, answers `{"id":…}` |
//! | `GET /sandbox/orders` | | id, client, number, status of every order (`?client=`) |
//! | `POST /sandbox/orders/{id}/status` | `{"status":15}` | moves it, also backward |
//! | `POST /sandbox/orders/{id}/despatch` | `{"tracking":"JD1"}` or `{}` | despatches, tracked or not |
//! | `POST /sandbox/orders/{id}/shipment` | `{"number":"JD1","tracked":true}` | books a shipment |
//! | `POST /sandbox/orders/{id}/tracking` | `{"status":"Delivered","text":"…"}` | a courier scan |
//! | `POST /sandbox/orders/{id}/split` | `{"skus":["A"]}` | splits those items off, answers `{"id":…}` |
//! | `POST /sandbox/orders/{id}/merge` | `{"absorbed":12}` | merges the other order away |
//! | `POST /sandbox/orders/{id}/copy` | | copies it, answers `{"id":…}` |
//! | `POST /sandbox/orders/{id}/cancel` | | cancels as a person in the UI would |
//! | `POST /sandbox/orders/{id}/touch` | | moves `LastUpdated` alone |
//! | `POST /sandbox/orders/{id}/remove-personal-data` | | what the retention rule does |
//! | `POST /sandbox/faults` | `{"fault":"html_bad_gateway","times":2,"path":"order/list"}` | fails the next n calls, see [`Fault`] |
//! | `DELETE /sandbox/faults` | | forgets the faults not yet used |
//! | `POST /sandbox/time` | `{"skip":"25h"}` | moves the sandbox's clock forward |
//! | `POST /sandbox/keys/expire` | | every login key dies |
//! | `GET /sandbox/calls` | | the calls received; `DELETE` forgets them |
//! | `/sandbox/openid/…` | | the OpenID provider's own, see its room |
//! | `GET /sandbox/living` | | the orders that appeared by themselves (`?after=id`) |

mod callbacks;
mod control;
mod error;
mod faults;
mod handle;
mod http;
mod keys;
mod life;
mod moves;
mod openid;
mod order;
mod pdf;
mod reference;
mod settings;
mod shop;
mod spec;
mod split;
mod stamp;
mod tracking;
mod wire;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use error::{SandboxError, WorldError};
pub use faults::Fault;
pub use handle::{ReceivedCall, WorldHandle};
pub use life::LivingOrder;
pub use openid::{DemoPerson, OpenIdClient, OpenIdHandle, SigningMethod, TokenSpec};
pub use order::{ConnectAction, Item, NameValue, Order, Recipient};
pub use reference::status;
pub use settings::{Brand, CallbackBehaviour, CallbackBody, Life, ListOrder, SandboxSettings, SandboxUser};
pub use shop::{Shop, Shops};
pub use spec::{ItemSpec, OrderSpec};

/// How long calls under way may take to end once the sandbox is told to stop.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(2);

/// Answers until told to stop; then takes no more calls, closes idle connections, and ends soon.
async fn serve(listener: TcpListener, router: axum::Router, stop: CancellationToken) {
    let stopped = stop.clone().cancelled_owned();
    let serving = axum::serve(listener, router).with_graceful_shutdown(stopped).into_future();
    tokio::select! {
        outcome = serving => if let Err(error) = outcome {
            tracing::warn!(%error, "the sandbox stopped listening");
        },
        () = async { stop.cancelled().await; tokio::time::sleep(FAREWELL).await } => {}
    }
}

/// A running sandbox. Dropping it stops its tasks; [`Sandbox::stop`] also waits for them.
pub struct Sandbox {
    address: SocketAddr,
    world: WorldHandle,
    openid: OpenIdHandle,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Sandbox {
    /// Binds the listener and starts answering. Fails only when the address cannot be bound.
    pub async fn start(settings: SandboxSettings) -> Result<Self, SandboxError> {
        let listener = TcpListener::bind(settings.listen).await.map_err(SandboxError::Bind)?;
        let address = listener.local_addr().map_err(SandboxError::Bind)?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let (outbox, queue) = callbacks::queue();
        let engine = life::Engine::of(&settings);
        let behaviour = settings.callbacks.clone();
        let issuer = format!("http://{address}{}", openid::ROOT);
        let openid = OpenIdHandle::start(issuer, settings.people.clone(), settings.clock.clone())?;
        let world = WorldHandle::of(world::World::from_settings(settings, outbox));
        let sender = callbacks::Sender::prepare(behaviour, Arc::downgrade(world.shared()))?;
        tasks.spawn(sender.run(queue, stop.clone()));
        if let Some(mut engine) = engine {
            engine.stock(&mut world.lock());
            tasks.spawn(engine.run(world.clone(), stop.clone()));
        }
        tasks.spawn(serve(
            listener,
            http::router(world.clone()).merge(openid::router(&openid)),
            stop.clone(),
        ));
        tasks.close();
        Ok(Self { address, world, openid, stop, tasks })
    }

    /// The root of the simulated service, without `/api` and without a final slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The world behind the API, to be moved directly.
    pub fn world(&self) -> WorldHandle {
        self.world.clone()
    }

    /// The OpenID provider on the same address, to be moved directly.
    pub fn openid(&self) -> OpenIdHandle {
        self.openid.clone()
    }

    /// Stops listening, living and calling back, and waits until all of it has ended.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
