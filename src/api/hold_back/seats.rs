//! The places at the webhook endpoints, and who gives one up. Of the places of all, each shop's endpoint has a share.
//!
//! Whoever lets us wait for a body holds a place at no cost. So where all are taken, one whose body is awaited gives way to who
//! comes: of the half that came first, one whose network and endpoint hold most places so, the one number times the other; of
//! equals, who came first. The bodies of shops come within milliseconds, so who sends at once is gone before half of the places are
//! taken anew, whoever else comes. Who is slower keeps the place too where its sender holds few, and the crowd comes from elsewhere
//! and holds many at each shop that it comes to. Behind a proxy all come from one network, and the endpoints alone are told apart.
//! A crowd that takes half of the places faster than a body comes does keep others out. Whoever is proven or kept just then
//! stays: the work would be for nothing. Absent: how long a body may take.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use axum::body::Body;
use futures_util::{StreamExt as _, stream};
use tokio::sync::oneshot;

use crate::api::limits::Door;

/// How many shops' endpoints it takes to fill the places of all.
const SHARES: usize = 8;

/// The places, and who holds them.
pub(super) struct Seats {
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
    seated: Vec<Seated>,
}

/// A request that holds a place.
struct Seated {
    number: u64,
    network: u64,
    door: u64,
    is_awaited: bool,
    /// Held as long as the place is; dropped where it is given away.
    _stays: oneshot::Sender<()>,
}

/// A place, held until it is dropped or given away.
pub(super) struct Seat {
    seats: Arc<Seats>,
    number: u64,
    given_away: oneshot::Receiver<()>,
}

impl Seats {
    /// So many.
    pub(super) fn of(number: usize) -> Self {
        Self { number, share: (number / SHARES).max(1), taken: Mutex::default(), hasher: RandomState::new() }
    }

    /// A place for a request to this endpoint from there, if there is one or somebody gives one up.
    pub(super) fn take(self: &Arc<Self>, door: Door<'_>, network: Option<IpAddr>) -> Option<Seat> {
        let has_share = door.is_of_a_shop();
        let (door, network) = (self.hasher.hash_one(door), self.hasher.hash_one(network));
        let mut taken = self.taken();
        let at_door = |seated: &Seated| seated.door == door;
        if has_share && taken.seated.iter().filter(|seated| at_door(seated)).count() >= self.share {
            taken.give_away_one(at_door)?;
        } else if taken.seated.len() >= self.number {
            taken.give_away_one(|_| true)?;
        }
        taken.last += 1;
        let (number, (stays, given_away)) = (taken.last, oneshot::channel());
        taken.seated.push(Seated { number, network, door, is_awaited: false, _stays: stays });
        Some(Seat { seats: Arc::clone(self), number, given_away })
    }

    /// Notes whether the body of who holds this place is awaited; false where the place was given away.
    fn note(&self, number: u64, is_awaited: bool) -> bool {
        let mut taken = self.taken();
        let place = taken.place_of(number);
        place.map(|place| taken.seated[place].is_awaited = is_awaited).is_some()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn place_of(&self, number: u64) -> Option<usize> {
        self.seated.binary_search_by_key(&number, |seated| seated.number).ok()
    }

    /// One of these whose bodies are awaited gives up the place; none where there is none.
    fn give_away_one(&mut self, may: impl Fn(&Seated) -> bool) -> Option<()> {
        let (mut networks, mut doors) = (HashMap::<u64, usize>::new(), HashMap::<u64, usize>::new());
        for seated in self.seated.iter().filter(|seated| seated.is_awaited) {
            *networks.entry(seated.network).or_default() += 1;
            *doors.entry(seated.door).or_default() += 1;
        }
        // Neither alone tells a crowd: many come from one network to many shops, or from many networks to few.
        let crowd = |seated: &Seated| networks[&seated.network] * doors[&seated.door];
        let awaited = self.seated.iter().enumerate().filter(|(_, seated)| seated.is_awaited && may(seated));
        let mut first_half: Vec<(usize, &Seated)> = awaited.collect();
        first_half.truncate(first_half.len().div_ceil(2));
        // The last of the largest, from the back: who came first.
        let (place, _) = first_half.into_iter().rev().max_by_key(|(_, seated)| crowd(seated))?;
        self.seated.remove(place);
        Some(())
    }
}

impl Seat {
    /// The body, which notes while it is awaited: from when somebody asks for it until it has come as a whole.
    pub(super) fn while_awaited(&self, body: Body) -> Body {
        let (seats, number, mut chunks) = (Arc::clone(&self.seats), self.number, body.into_data_stream());
        let mut is_awaited = false;
        Body::from_stream(stream::poll_fn(move |context| {
            if !is_awaited {
                is_awaited = seats.note(number, true);
            }
            let chunk = chunks.poll_next_unpin(context);
            let has_ended = matches!(chunk, Poll::Ready(None | Some(Err(_))));
            // Nothing is begun with a body that came too late to keep its place.
            if has_ended && !seats.note(number, false) { Poll::Pending } else { chunk }
        }))
    }

    /// Returns when the place was given away.
    pub(super) async fn given_away(&mut self) {
        // What tells it is that the other end is gone.
        let _gone = (&mut self.given_away).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(place) = taken.place_of(self.number) {
            taken.seated.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const OURS: &str = "192.0.2.1";
    const THEIRS: &str = "198.51.100.7";

    fn take(seats: &Arc<Seats>, door: &str, network: &str) -> Option<Seat> {
        seats.take(Door::at(door), Some(network.parse().unwrap()))
    }

    /// Takes a place, and lets us wait for a body.
    fn wait(seats: &Arc<Seats>, door: &str, network: &str) -> Seat {
        let seat = take(seats, door, network).unwrap();
        assert!(seats.note(seat.number, true));
        seat
    }

    fn is_kept(seat: &Seat) -> bool {
        seat.seats.taken().place_of(seat.number).is_some()
    }

    #[test]
    fn a_crowd_at_one_shop_takes_its_share_and_the_warehouse_has_no_share() {
        let seats = Arc::new(Seats::of(16));
        let (first, _second) = (take(&seats, "shopify/7", OURS).unwrap(), take(&seats, "shopify/7", OURS));
        assert!(take(&seats, "shopify/7", THEIRS).is_none());
        assert!(take(&seats, "shopify/8", OURS).is_some(), "another tenant's");
        assert!(take(&seats, "woocommerce/7", OURS).is_some(), "another platform's");
        let _callbacks = [(); 3].map(|()| take(&seats, "mintsoft", OURS).unwrap());
        drop(first);
        assert!(take(&seats, "shopify/7", OURS).is_some());
    }

    #[test]
    fn who_comes_from_another_network_to_another_shop_than_a_crowd_keeps_a_place() {
        let seats = Arc::new(Seats::of(16));
        let mut crowd: Vec<Seat> =
            (0..16).map(|n| wait(&seats, &format!("shopify/{}", n % 8), THEIRS)).collect();
        let honest = [wait(&seats, "shopify/9", OURS), wait(&seats, "shopify/9", OURS)];
        crowd.extend((0..100).map(|n| wait(&seats, &format!("shopify/{}", n % 8), THEIRS)));
        assert!(honest.iter().all(is_kept));
        assert_eq!(crowd.iter().filter(|seat| is_kept(seat)).count(), 14);
    }

    #[test]
    fn behind_a_proxy_who_comes_to_another_shop_keeps_a_place() {
        let seats = Arc::new(Seats::of(16));
        let mut crowd: Vec<Seat> =
            (0..16).map(|n| wait(&seats, &format!("shopify/{}", n % 8), OURS)).collect();
        let honest = wait(&seats, "woocommerce/1", OURS);
        crowd.extend((0..100).map(|n| wait(&seats, &format!("shopify/{}", n % 8), OURS)));
        assert!(is_kept(&honest));
    }

    #[test]
    fn a_crowd_from_many_networks_gives_way_by_its_shops() {
        let seats = Arc::new(Seats::of(16));
        let from = |n: u8| format!("198.51.100.{n}");
        let mut crowd: Vec<Seat> =
            (0..16).map(|n| wait(&seats, &format!("shopify/{}", n % 8), &from(n))).collect();
        let honest = wait(&seats, "shopify/9", OURS);
        crowd.extend((16..116).map(|n| wait(&seats, &format!("shopify/{}", n % 8), &from(n))));
        assert!(is_kept(&honest));
    }

    #[test]
    fn some_who_come_from_one_network_outlast_a_crowd_of_which_each_has_its_own() {
        let seats = Arc::new(Seats::of(512));
        let join = |n: u32| wait(&seats, &format!("shopify/{}", n % 8), &format!("2001:db8:0:{n:x}::"));
        let mut crowd: Vec<Seat> = (0..512).map(join).collect();
        let honest = [(); 2].map(|()| wait(&seats, "shopify/9", OURS));
        crowd.extend((512..700).map(join));
        assert!(honest.iter().all(is_kept));
    }

    #[test]
    fn who_comes_into_the_midst_of_a_crowd_is_not_chosen_before_half_of_the_places_are_taken_anew() {
        let seats = Arc::new(Seats::of(64));
        let from = |n: u32| format!("2001:db8:0:{n:x}::");
        let mut crowd: Vec<Seat> =
            (0..64).map(|n| wait(&seats, &format!("shopify/{}", n % 8), &from(n))).collect();
        let honest = [1, 2, 3].map(|shop| wait(&seats, &format!("shopify/{shop}"), OURS));
        crowd.extend((64..96).map(|n| wait(&seats, &format!("shopify/{}", n % 8), &from(n))));
        assert!(honest.iter().all(is_kept));
    }

    #[test]
    fn at_a_shop_whose_share_is_taken_who_waits_longest_gives_way() {
        let seats = Arc::new(Seats::of(16));
        let (first, second) = (wait(&seats, "shopify/7", THEIRS), wait(&seats, "shopify/7", THEIRS));
        let third = wait(&seats, "shopify/7", THEIRS);
        assert_eq!([&first, &second, &third].map(is_kept), [false, true, true]);
    }

    #[test]
    fn who_is_proven_or_kept_just_then_stays() {
        let seats = Arc::new(Seats::of(8));
        let proven = take(&seats, "shopify/1", OURS).unwrap();
        let came = wait(&seats, "shopify/2", OURS);
        assert!(seats.note(came.number, false), "its body has come");
        let crowd: Vec<Seat> = (3..9).map(|n| wait(&seats, &format!("shopify/{n}"), OURS)).collect();
        let _more: Vec<Seat> =
            (9..15).map(|n| take(&seats, &format!("shopify/{n}"), OURS).unwrap()).collect();
        assert!(!crowd.iter().any(is_kept) && is_kept(&proven) && is_kept(&came));
        assert!(take(&seats, "shopify/15", THEIRS).is_none(), "nobody is waited for");
    }

    #[tokio::test]
    async fn a_body_is_awaited_until_it_has_come_and_one_that_came_too_late_is_not_taken() {
        let seats = Arc::new(Seats::of(1));
        let mut seat = take(&seats, "shopify/7", OURS).unwrap();
        let mut body = seat.while_awaited(Body::from("{}")).into_data_stream();
        assert!(take(&seats, "shopify/8", OURS).is_none(), "nobody asked for it yet");
        assert_eq!(body.next().await.unwrap().unwrap(), "{}");
        let other = take(&seats, "shopify/8", OURS).unwrap();
        seat.given_away().await;
        assert!(body.next().now_or_never().is_none());
        let whole = other.while_awaited(Body::from("{}"));
        assert_eq!(axum::body::to_bytes(whole, 9).await.unwrap(), "{}");
        assert!(take(&seats, "shopify/7", OURS).is_none(), "it has come as a whole");
    }
}
