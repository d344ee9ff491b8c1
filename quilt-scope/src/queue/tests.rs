use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::Queue;

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn bell() -> (Arc<Bell>, Waker) {
    let bell = Arc::new(Bell::default());
    (bell.clone(), bell.into())
}

fn rung(bell: &Bell) -> usize {
    bell.0.load(Ordering::SeqCst)
}

#[test]
fn one_is_in_at_a_time() {
    let queue = Queue::default();
    let cx = Context::from_waker(Waker::noop());
    let first = queue.poll_turn(&cx);
    assert!(first.is_ready());
    assert!(queue.poll_turn(&cx).is_pending());
    drop(first);
    assert!(queue.poll_turn(&cx).is_ready());
}

#[test]
fn all_in_the_line_are_woken_once_when_the_turn_is_free() {
    let queue = Queue::default();
    let turn = queue.poll_turn(&Context::from_waker(Waker::noop()));
    let waiting: Vec<_> = (0..3).map(|_| bell()).collect();
    for (_, waker) in &waiting {
        assert!(queue.poll_turn(&Context::from_waker(waker)).is_pending());
        assert!(
            queue.poll_turn(&Context::from_waker(waker)).is_pending(),
            "asked again, it stands there once"
        );
    }
    assert!(waiting.iter().all(|(bell, _)| rung(bell) == 0));
    drop(turn);
    assert!(waiting.iter().all(|(bell, _)| rung(bell) == 1));
}

#[test]
fn one_that_is_woken_and_never_asks_again_keeps_nobody_out() {
    let queue = Queue::default();
    let turn = queue.poll_turn(&Context::from_waker(Waker::noop()));
    let ((_, gone), (stays_bell, stays)) = (bell(), bell());
    assert!(queue.poll_turn(&Context::from_waker(&gone)).is_pending());
    assert!(queue.poll_turn(&Context::from_waker(&stays)).is_pending());
    drop(turn);
    assert_eq!(rung(&stays_bell), 1);
    assert!(queue.poll_turn(&Context::from_waker(&stays)).is_ready());
}

#[test]
fn one_that_came_second_to_the_free_turn_is_woken_by_the_one_that_was_first() {
    let queue = Queue::default();
    let turn = queue.poll_turn(&Context::from_waker(Waker::noop()));
    let ((_, quick), (slow_bell, slow)) = (bell(), bell());
    assert!(queue.poll_turn(&Context::from_waker(&quick)).is_pending());
    assert!(queue.poll_turn(&Context::from_waker(&slow)).is_pending());
    drop(turn);
    let turn = queue.poll_turn(&Context::from_waker(&quick));
    assert!(queue.poll_turn(&Context::from_waker(&slow)).is_pending());
    drop(turn);
    assert_eq!(rung(&slow_bell), 2);
}

/// A lost wake-up would leave a thread parked, and the test would not end.
#[test]
fn threads_that_come_and_go_never_meet_inside() {
    struct Thread(std::thread::Thread);
    impl Wake for Thread {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let (queue, inside, passed) = (Queue::default(), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                let waker = Waker::from(Arc::new(Thread(std::thread::current())));
                for _ in 0..5_000 {
                    let _turn = loop {
                        match queue.poll_turn(&Context::from_waker(&waker)) {
                            Poll::Ready(turn) => break turn,
                            Poll::Pending => std::thread::park(),
                        }
                    };
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "another is inside");
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    passed.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(passed.into_inner(), 20_000);
}
