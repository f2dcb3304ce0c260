//! The slots of the webhook endpoints, one for each request under way, and which request gives its slot up to a new one. Each
//! shop's endpoint holds at most a share of them.
//!
//! A sender that does not send its body holds a slot at no cost. So where all slots are taken, one request whose body is awaited
//! gives its slot up. It is chosen from the older half of those: the one with the largest product of the slots that its network and
//! its endpoint hold so; of equals, the oldest. The bodies of shops come within milliseconds, so a sender that sends at once is
//! done before half of the slots are taken anew, whoever else comes. A slower one keeps its slot too where it holds few, while the crowd
//! comes from elsewhere and holds many at each shop that it comes to. Behind a proxy all come from one network, and the endpoints
//! alone are told apart. A crowd that takes half of the slots faster than a body comes does keep others out. A request that is being
//! proven or kept holds on to its slot: the work would be for nothing. Absent: how long a body may take.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use axum::body::Body;
use futures_util::{StreamExt as _, stream};
use tokio::sync::oneshot;

use crate::api::limits::WebhookEndpoint;

/// How many shops' endpoints it takes to fill all slots.
const SHARES: usize = 8;

/// The slots, and who holds them.
pub(super) struct WebhookSlots {
    number: usize,
    share: usize,
    taken: Mutex<Taken>,
    /// Unforeseeable, so that nobody can choose with whom to share.
    hasher: RandomState,
}

#[derive(Default)]
struct Taken {
    last: u64,
    /// In the order they came, which is that of their numbers.
    holders: Vec<Holder>,
}

/// A request that holds a slot.
struct Holder {
    number: u64,
    network: u64,
    endpoint: u64,
    is_awaited: bool,
    /// Held as long as the slot is; dropped where it is given away.
    _stays: oneshot::Sender<()>,
}

/// A slot, held until it is dropped or given away.
pub(super) struct WebhookSlot {
    slots: Arc<WebhookSlots>,
    number: u64,
    given_away: oneshot::Receiver<()>,
}

impl WebhookSlots {
    /// This many slots, all free.
    pub(super) fn of(number: usize) -> Self {
        Self { number, share: (number / SHARES).max(1), taken: Mutex::default(), hasher: RandomState::new() }
    }

    /// A slot for a request to this endpoint from this network, if one is free or given up.
    pub(super) fn take(
        self: &Arc<Self>,
        endpoint: WebhookEndpoint<'_>,
        network: Option<IpAddr>,
    ) -> Option<WebhookSlot> {
        let has_share = endpoint.is_of_a_shop();
        let (endpoint, network) = (self.hasher.hash_one(endpoint), self.hasher.hash_one(network));
        let mut taken = self.taken();
        let at_endpoint = |holder: &Holder| holder.endpoint == endpoint;
        if has_share && taken.holders.iter().filter(|holder| at_endpoint(holder)).count() >= self.share {
            taken.give_away_one(at_endpoint)?;
        } else if taken.holders.len() >= self.number {
            taken.give_away_one(|_| true)?;
        }
        taken.last += 1;
        let (number, (stays, given_away)) = (taken.last, oneshot::channel());
        taken.holders.push(Holder { number, network, endpoint, is_awaited: false, _stays: stays });
        Some(WebhookSlot { slots: Arc::clone(self), number, given_away })
    }

    /// Notes whether the body of the slot's request is awaited; false where the slot was given away.
    fn note(&self, number: u64, is_awaited: bool) -> bool {
        let mut taken = self.taken();
        let index = taken.index_of(number);
        index.map(|index| taken.holders[index].is_awaited = is_awaited).is_some()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn index_of(&self, number: u64) -> Option<usize> {
        self.holders.binary_search_by_key(&number, |holder| holder.number).ok()
    }

    /// Takes the slot from one of these whose bodies are awaited; none where there is none.
    fn give_away_one(&mut self, may: impl Fn(&Holder) -> bool) -> Option<()> {
        let (mut networks, mut endpoints) = (HashMap::<u64, usize>::new(), HashMap::<u64, usize>::new());
        for holder in self.holders.iter().filter(|holder| holder.is_awaited) {
            *networks.entry(holder.network).or_default() += 1;
            *endpoints.entry(holder.endpoint).or_default() += 1;
        }
        // Neither alone tells a crowd: many come from one network to many shops, or from many networks to few.
        let crowd = |holder: &Holder| networks[&holder.network] * endpoints[&holder.endpoint];
        let awaited = self.holders.iter().enumerate().filter(|(_, holder)| holder.is_awaited && may(holder));
        let mut first_half: Vec<(usize, &Holder)> = awaited.collect();
        first_half.truncate(first_half.len().div_ceil(2));
        // The last of the largest, from the back: who came first.
        let (index, _) = first_half.into_iter().rev().max_by_key(|(_, holder)| crowd(holder))?;
        self.holders.remove(index);
        Some(())
    }
}

impl WebhookSlot {
    /// The body, which notes while it is awaited: from when somebody asks for it until it has come as a whole.
    pub(super) fn while_awaited(&self, body: Body) -> Body {
        let (slots, number, mut chunks) = (Arc::clone(&self.slots), self.number, body.into_data_stream());
        let mut is_awaited = false;
        Body::from_stream(stream::poll_fn(move |context| {
            if !is_awaited {
                is_awaited = slots.note(number, true);
            }
            let chunk = chunks.poll_next_unpin(context);
            let has_ended = matches!(chunk, Poll::Ready(None | Some(Err(_))));
            // Nothing is begun with a body that came too late to keep its slot.
            if has_ended && !slots.note(number, false) { Poll::Pending } else { chunk }
        }))
    }

    /// Returns when the slot was given away.
    pub(super) async fn given_away(&mut self) {
        // What tells it is that the other end is gone.
        let _gone = (&mut self.given_away).await;
    }
}

impl Drop for WebhookSlot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken();
        if let Some(index) = taken.index_of(self.number) {
            taken.holders.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const OURS: &str = "192.0.2.1";
    const THEIRS: &str = "198.51.100.7";

    fn take(slots: &Arc<WebhookSlots>, endpoint: &str, network: &str) -> Option<WebhookSlot> {
        slots.take(WebhookEndpoint::at(endpoint), Some(network.parse().unwrap()))
    }

    /// Takes a slot, and lets us wait for a body.
    fn wait(slots: &Arc<WebhookSlots>, endpoint: &str, network: &str) -> WebhookSlot {
        let slot = take(slots, endpoint, network).unwrap();
        assert!(slots.note(slot.number, true));
        slot
    }

    fn is_kept(slot: &WebhookSlot) -> bool {
        slot.slots.taken().index_of(slot.number).is_some()
    }

    #[test]
    fn a_crowd_at_one_shop_takes_its_share_and_the_warehouse_has_no_share() {
        let slots = Arc::new(WebhookSlots::of(16));
        let (first, _second) = (take(&slots, "shopify/7", OURS).unwrap(), take(&slots, "shopify/7", OURS));
        assert!(take(&slots, "shopify/7", THEIRS).is_none());
        assert!(take(&slots, "shopify/8", OURS).is_some(), "another tenant's");
        assert!(take(&slots, "woocommerce/7", OURS).is_some(), "another platform's");
        let _callbacks = [(); 3].map(|()| take(&slots, "mintsoft", OURS).unwrap());
        drop(first);
        assert!(take(&slots, "shopify/7", OURS).is_some());
    }

    #[test]
    fn who_comes_from_another_network_to_another_shop_than_a_crowd_keeps_a_slot() {
        let slots = Arc::new(WebhookSlots::of(16));
        let mut crowd: Vec<WebhookSlot> =
            (0..16).map(|n| wait(&slots, &format!("shopify/{}", n % 8), THEIRS)).collect();
        let honest = [wait(&slots, "shopify/9", OURS), wait(&slots, "shopify/9", OURS)];
        crowd.extend((0..100).map(|n| wait(&slots, &format!("shopify/{}", n % 8), THEIRS)));
        assert!(honest.iter().all(is_kept));
        assert_eq!(crowd.iter().filter(|slot| is_kept(slot)).count(), 14);
    }

    #[test]
    fn behind_a_proxy_who_comes_to_another_shop_keeps_a_slot() {
        let slots = Arc::new(WebhookSlots::of(16));
        let mut crowd: Vec<WebhookSlot> =
            (0..16).map(|n| wait(&slots, &format!("shopify/{}", n % 8), OURS)).collect();
        let honest = wait(&slots, "woocommerce/1", OURS);
        crowd.extend((0..100).map(|n| wait(&slots, &format!("shopify/{}", n % 8), OURS)));
        assert!(is_kept(&honest));
    }

    #[test]
    fn a_crowd_from_many_networks_gives_way_by_its_shops() {
        let slots = Arc::new(WebhookSlots::of(16));
        let from = |n: u8| format!("198.51.100.{n}");
        let mut crowd: Vec<WebhookSlot> =
            (0..16).map(|n| wait(&slots, &format!("shopify/{}", n % 8), &from(n))).collect();
        let honest = wait(&slots, "shopify/9", OURS);
        crowd.extend((16..116).map(|n| wait(&slots, &format!("shopify/{}", n % 8), &from(n))));
        assert!(is_kept(&honest));
    }

    #[test]
    fn some_who_come_from_one_network_outlast_a_crowd_of_which_each_has_its_own() {
        let slots = Arc::new(WebhookSlots::of(512));
        let join = |n: u32| wait(&slots, &format!("shopify/{}", n % 8), &format!("2001:db8:0:{n:x}::"));
        let mut crowd: Vec<WebhookSlot> = (0..512).map(join).collect();
        let honest = [(); 2].map(|()| wait(&slots, "shopify/9", OURS));
        crowd.extend((512..700).map(join));
        assert!(honest.iter().all(is_kept));
    }

    #[test]
    fn who_comes_into_the_midst_of_a_crowd_is_not_chosen_before_half_of_the_slots_are_taken_anew() {
        let slots = Arc::new(WebhookSlots::of(64));
        let from = |n: u32| format!("2001:db8:0:{n:x}::");
        let mut crowd: Vec<WebhookSlot> =
            (0..64).map(|n| wait(&slots, &format!("shopify/{}", n % 8), &from(n))).collect();
        let honest = [1, 2, 3].map(|shop| wait(&slots, &format!("shopify/{shop}"), OURS));
        crowd.extend((64..96).map(|n| wait(&slots, &format!("shopify/{}", n % 8), &from(n))));
        assert!(honest.iter().all(is_kept));
    }

    #[test]
    fn at_a_shop_whose_share_is_taken_who_waits_longest_gives_way() {
        let slots = Arc::new(WebhookSlots::of(16));
        let (first, second) = (wait(&slots, "shopify/7", THEIRS), wait(&slots, "shopify/7", THEIRS));
        let third = wait(&slots, "shopify/7", THEIRS);
        assert_eq!([&first, &second, &third].map(is_kept), [false, true, true]);
    }

    #[test]
    fn who_is_proven_or_kept_just_then_stays() {
        let slots = Arc::new(WebhookSlots::of(8));
        let proven = take(&slots, "shopify/1", OURS).unwrap();
        let came = wait(&slots, "shopify/2", OURS);
        assert!(slots.note(came.number, false), "its body has come");
        let crowd: Vec<WebhookSlot> = (3..9).map(|n| wait(&slots, &format!("shopify/{n}"), OURS)).collect();
        let _more: Vec<WebhookSlot> =
            (9..15).map(|n| take(&slots, &format!("shopify/{n}"), OURS).unwrap()).collect();
        assert!(!crowd.iter().any(is_kept) && is_kept(&proven) && is_kept(&came));
        assert!(take(&slots, "shopify/15", THEIRS).is_none(), "nobody is waited for");
    }

    #[tokio::test]
    async fn a_body_is_awaited_until_it_has_come_and_one_that_came_too_late_is_not_taken() {
        let slots = Arc::new(WebhookSlots::of(1));
        let mut slot = take(&slots, "shopify/7", OURS).unwrap();
        let mut body = slot.while_awaited(Body::from("{}")).into_data_stream();
        assert!(take(&slots, "shopify/8", OURS).is_none(), "nobody asked for it yet");
        assert_eq!(body.next().await.unwrap().unwrap(), "{}");
        let other = take(&slots, "shopify/8", OURS).unwrap();
        slot.given_away().await;
        assert!(body.next().now_or_never().is_none());
        let whole = other.while_awaited(Body::from("{}"));
        assert_eq!(axum::body::to_bytes(whole, 9).await.unwrap(), "{}");
        assert!(take(&slots, "shopify/7", OURS).is_none(), "it has come as a whole");
    }
}
