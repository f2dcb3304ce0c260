//! What upstream does not show, or shows so that it cannot be read, proves nothing: an upstream in trouble answers 404 for
//! orders that it has. Nothing is refused for that, and nothing is done twice.

use logistics_ledger::sandbox::{Fault, status};

use super::quiet::QuietDesk;

/// Lets the call through, or has it suffer `fault`, and has the reading of the order after it answered with 404 so often.
fn hide_order(desk: &QuietDesk, id: i64, fault: Fault, times: u32) {
    let mintsoft = &desk.world.mintsoft;
    mintsoft.fail_next(fault, 1, Some(&format!("order/{id}/cancel")));
    mintsoft.fail_next(Fault::Status { code: 404 }, times, Some(&format!("get /api/order/{id}")));
}

fn calls(desk: &QuietDesk, id: i64) -> usize {
    desk.world.mintsoft.count_calls(&format!("order/{id}/cancel"))
}

#[tokio::test]
async fn the_warehouses_word_is_enough_where_the_cancelled_order_is_not_found_afterwards() {
    let desk = QuietDesk::create().await;
    let id = desk.known_order("ladore-1").await;
    hide_order(&desk, id, Fault::Slow { milliseconds: 0 }, 1);
    desk.actions.cancel(&desk.asking(id), "mistake").await.unwrap();
    desk.work_once().await;
    assert_eq!(desk.world.mintsoft.order(id).unwrap().status, status::CANCELLED);
    assert_eq!(desk.events(id, "CancellationRefused").await, 0);
    assert_eq!(desk.events(id, "CancellationConfirmed").await, 1);
}

#[tokio::test]
async fn a_lost_cancellation_whose_order_is_not_found_is_neither_refused_nor_called_again_until_it_is() {
    let desk = QuietDesk::create().await;
    let id = desk.known_order("ladore-1").await;
    hide_order(&desk, id, Fault::LostAnswer, 3);
    desk.actions.cancel(&desk.asking(id), "mistake").await.unwrap();
    desk.work_once().await;
    let settled = "update order_requests set call_over_at = call_over_at - interval '1 hour'";
    desk.world.run(settled).await;
    for _ in 0..2 {
        desk.work_once().await;
        assert_eq!(desk.events(id, "CancellationRefused").await, 0);
    }
    desk.work_once().await;
    assert_eq!(desk.events(id, "CancellationConfirmed").await, 1);
    assert_eq!(calls(&desk, id), 1);
}

#[tokio::test]
async fn an_order_that_is_not_found_to_the_last_is_left_to_a_person() {
    let desk = QuietDesk::create().await;
    let id = desk.known_order("ladore-1").await;
    hide_order(&desk, id, Fault::LostAnswer, 9);
    desk.actions.cancel(&desk.asking(id), "mistake").await.unwrap();
    desk.work_once().await;
    desk.world.run("update order_requests set call_over_at = call_over_at - interval '1 hour'").await;
    desk.world.run("update jobs set max_attempts = attempts + 1 where kind = 'cancel_order'").await;
    desk.work_once().await;
    let left = "select count(*) from order_requests where left_to_person like '%answer was lost%'";
    assert_eq!(desk.world.count(left).await, 1);
    let open = ["CancellationConfirmed", "CancellationRefused"];
    for name in open {
        assert_eq!(desk.events(id, name).await, 0, "nobody knows");
    }
    assert_eq!(calls(&desk, id), 1);
}

#[tokio::test]
async fn a_lost_comment_whose_thread_is_not_found_is_not_written_again() {
    let desk = QuietDesk::create().await;
    let id = desk.known_order("ladore-1").await;
    let mintsoft = &desk.world.mintsoft;
    let thread = format!("get /api/order/{id}/comments");
    // The thread's end is noted before the call.
    mintsoft.fail_next(Fault::Slow { milliseconds: 0 }, 1, Some(&thread));
    mintsoft.fail_next(Fault::Status { code: 404 }, 2, Some(&thread));
    mintsoft.fail_next(Fault::LostAnswer, 1, Some(&format!("post /api/order/{id}/comments")));
    desk.actions.comment(&desk.asking(id), "Ring twice", false).await.unwrap();
    desk.work_once().await;
    desk.world.run("update order_requests set call_over_at = call_over_at - interval '1 hour'").await;
    desk.work_once().await;
    assert_eq!(desk.events(id, "CommentRefused").await, 0, "who is refused writes it again");
    desk.work_once().await;
    assert_eq!(desk.events(id, "CommentPosted").await, 1);
    assert_eq!(desk.world.mintsoft.comments(id).len(), 1);
}
