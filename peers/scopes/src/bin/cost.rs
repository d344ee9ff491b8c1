//! Does one piece of work so many times, for a profiler that counts instructions; or times all contenders of a case.
//!
//! `cost list`, `cost run CASE CONTENDER TIMES`, `cost time CASE ROUNDS`, `cost threads ROUNDS`, `cost eight`.

use std::error::Error;
use std::hint::black_box;
use std::io::{Write as _, stdout};
use std::sync::Barrier;
use std::time::{Duration, Instant};

use scopes::{CASES, CONTENDERS, Case, Contender, Work, time_of};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => list(),
        ["run", case, contender, times] => run(prepare(case, contender)?, times.parse()?),
        ["time", case, rounds] => time(case, rounds.parse()?),
        ["threads", rounds] => threads(rounds.parse()?),
        ["eight"] => eight(),
        other => Err(format!("not `cost {}`", other.join(" ")).into()),
    }
}

fn prepare(case: &str, contender: &str) -> Result<Work> {
    let (_, case) = CASES.iter().find(|(name, _)| *name == case).ok_or("no such case")?;
    let contender = CONTENDERS.iter().find(|known| known.name == contender).ok_or("no such contender")?;
    Ok((contender.prepare)(*case)?)
}

/// Who does what, and who cannot and why: a line each, tabs between.
fn list() -> Result {
    let mut out = stdout().lock();
    for (name, case) in CASES {
        for contender in CONTENDERS {
            let cannot = (contender.prepare)(case).err().unwrap_or_default();
            writeln!(out, "{name}\t{}\t{cannot}", contender.name)?;
        }
    }
    Ok(())
}

fn run(work: Work, times: u32) -> Result {
    repeat(&work, times);
    Ok(())
}

fn repeat(work: &Work, times: u32) {
    for _ in 0..times {
        black_box(black_box(work)());
    }
}

fn able(case: Case) -> Vec<(&'static Contender, Work)> {
    CONTENDERS.iter().filter_map(|contender| Some((contender, (contender.prepare)(case).ok()?))).collect()
}

/// Rounds in which everybody has a turn, so that a busy moment of the machine falls on all. The fastest turn counts.
fn time(case: &str, rounds: u32) -> Result {
    let (_, case) = CASES.iter().find(|(name, _)| *name == case).ok_or("no such case")?;
    let able = able(*case);
    let batches: Vec<u32> = able.iter().map(|(_, work)| batch(work)).collect();
    let mut fastest = vec![f64::INFINITY; able.len()];
    for _ in 0..rounds {
        for (i, (_, work)) in able.iter().enumerate() {
            let start = Instant::now();
            repeat(work, batches[i]);
            fastest[i] = fastest[i].min(start.elapsed().as_nanos() as f64 / f64::from(batches[i]));
        }
    }
    let mut out = stdout().lock();
    for ((contender, _), fastest) in able.iter().zip(fastest) {
        writeln!(out, "{}\t{fastest:.1}", contender.name)?;
    }
    Ok(())
}

/// As often as it takes about half a millisecond.
fn batch(work: &Work) -> u32 {
    let mut times = 1;
    loop {
        let start = Instant::now();
        repeat(work, times);
        if start.elapsed() > Duration::from_micros(500) {
            return times;
        }
        times *= 2;
    }
}

/// What two threads get done in the time of one, each opening scopes of its own: of so many turns of each, in turn, the fastest.
///
/// A busy moment falls on the turns of one as on those of two. What a thread took beside another is a turn of one as well, so nobody
/// gets done more than two threads can.
fn threads(rounds: u32) -> Result {
    let mut out = stdout().lock();
    for (contender, work) in able(Case::Three) {
        let times = batch(&work) * 4;
        let (mut one, mut two) = (Duration::MAX, Duration::MAX);
        for _ in 0..rounds {
            one = one.min(span(&work, times).time());
            let (both, each) = side_by_side(&work, times);
            (one, two) = (one.min(each), two.min(both));
        }
        writeln!(out, "{}\t{:.2}", contender.name, 2.0 * one.as_secs_f64() / two.as_secs_f64())?;
    }
    Ok(())
}

/// From when to when a thread worked.
struct Span {
    start: Instant,
    end: Instant,
}

impl Span {
    fn time(&self) -> Duration {
        self.end - self.start
    }
}

fn span(work: &Work, times: u32) -> Span {
    let start = Instant::now();
    repeat(work, times);
    Span { start, end: Instant::now() }
}

/// How long two threads take together, and the faster of them. Starting a thread is not counted.
fn side_by_side(work: &Work, times: u32) -> (Duration, Duration) {
    let ready = Barrier::new(2);
    let side = || {
        ready.wait();
        span(work, times)
    };
    let (here, there) = std::thread::scope(|threads| {
        let there = threads.spawn(side);
        (side(), there.join().expect("it does not panic"))
    });
    (here.end.max(there.end) - here.start.min(there.start), here.time().min(there.time()))
}

/// How long eight requests take that each wait 20 ms for a constructor. The fastest of three.
fn eight() -> Result {
    let mut out = stdout().lock();
    for contender in CONTENDERS {
        if let Some(eight) = contender.eight_at_once {
            let fastest = (0..3).map(|_| time_of(eight)).min().unwrap_or_default();
            writeln!(out, "{}\t{:.1}", contender.name, fastest.as_secs_f64() * 1e3)?;
        }
    }
    Ok(())
}
