//! Who waits for memory, and who does not.

use std::task::{Context, Poll, Waker};

use super::*;

/// Whether a body holds so many bytes at once.
async fn holds(share: &mut Share, bytes: usize) -> bool {
    // The runtime lets a task that has asked for much come to nothing for a while.
    let mut holding = std::pin::pin!(tokio::task::coop::unconstrained(share.hold(bytes)));
    // The runtime's clock is needed, a second look is not.
    std::future::poll_fn(|_| match holding.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(held) => Poll::Ready(held.is_ok()),
        Poll::Pending => Poll::Ready(false),
    })
    .await
}

#[tokio::test]
async fn small_bodies_do_not_wait_behind_large_ones() {
    let room = Room::new();
    let (mut first, mut second) = (room.share(0), room.share(100 << 20));
    assert!(holds(&mut first, 200 << 20).await);
    let mut waiting = std::pin::pin!(second.hold(100 << 20));
    let poll = |cx: &mut Context<'_>| Poll::Ready(waiting.as_mut().poll(cx).is_pending());
    assert!(std::future::poll_fn(poll).await, "there is no room for both");
    let mut small = room.share(1000);
    assert!(holds(&mut small, 1000).await);
    assert!(holds(&mut small, 200 << 10).await);
    assert!(!holds(&mut small, 300 << 10).await, "it is large now, and stands behind the other");
}

#[tokio::test]
async fn a_body_that_grows_gives_its_small_room_back() {
    let room = Room::new();
    let mut bodies: Vec<Share> = (0..SMALL_KIB / SMALL_BODY_KIB).map(|_| room.share(0)).collect();
    for body in &mut bodies {
        assert!(holds(body, SMALL_BODY_KIB * 1024 - 1).await);
    }
    let mut late = room.share(0);
    assert!(!holds(&mut late, 1).await);
    assert!(holds(&mut bodies[0], 1 << 20).await);
    assert!(holds(&mut late, 1).await);
    assert_eq!(room.large.available_permits(), LARGE_KIB - 1025);
    drop(bodies);
    assert_eq!(room.large.available_permits(), LARGE_KIB);
}

#[tokio::test]
async fn a_body_beyond_all_room_is_refused_at_once() {
    let mut share = Room::new().share(0);
    let refusal = share.hold(LARGE_KIB * 1024).await.unwrap_err();
    assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// Timers of the runtime end before the threads that may wait do.
#[test]
fn who_waits_on_a_thread_is_told_that_the_server_ends() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let room = Room::new();
    let all = Arc::clone(&room.large).try_acquire_many_owned(LARGE_KIB as u32).unwrap();
    let mut share = room.share(1 << 20);
    let (told, tells) = std::sync::mpsc::sync_channel(2);
    runtime.spawn_blocking(move || {
        told.send(None).unwrap();
        told.send(Some(share.hold_here(1 << 20))).unwrap();
    });
    assert_eq!(tells.recv().unwrap(), None);
    runtime.shutdown_background();
    let refusal = tells.recv().unwrap().unwrap().unwrap_err();
    assert_eq!(refusal, Refusal::stopping());
    drop(all);
}
