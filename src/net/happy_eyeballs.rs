//! The race between a host's addresses (RFC 8305 §4 and §5): in which order,
//! how far apart, and who wins.
//!
//! [`Schedule`] decides and knows no clock and no socket; [`Race`] does what it
//! says, each attempt on a thread of its own. The last address left needs none, unless
//! an interrupt is to end the wait for it.
//! Threads that lost report nothing, close what they have, and end with the
//! process at the latest.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::dial_event::DialEvent;
use super::socket::SocketOptions;
use super::tried_address::{AddressOutcome, TriedAddress};
use crate::interrupt;
use crate::wait::{earlier, for_thread};

/// How long an attempt runs alone before the next begins (RFC 8305 §8,
/// Connection Attempt Delay).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The most addresses of one host that are tried. Real names have a dozen; a
/// hostile one may have thousands, each good for a connection to somewhere.
const MAX_ADDRESSES: usize = 64;

/// The most attempts under way at once: addresses for four seconds of silence,
/// and no more threads than that.
const MAX_AT_ONCE: usize = 16;

/// The addresses in the order in which to try them: the resolver's (RFC 6724),
/// but of the two families in turn, beginning with the first one's (RFC 8305
/// §4). Each is there once, and no more than [`MAX_ADDRESSES`] are.
pub(super) fn order(mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let mut seen = HashSet::new();
    addresses.retain(|address| seen.insert(*address));
    let first_is_v4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let (one, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == first_is_v4);
    let mut turns = [one.into_iter(), other.into_iter()];
    let mut ordered = Vec::new();
    while ordered.len() < MAX_ADDRESSES {
        let before = ordered.len();
        ordered.extend(turns.iter_mut().filter_map(Iterator::next));
        if ordered.len() == before {
            break;
        }
    }
    ordered
}

/// A race that was won.
#[derive(Debug)]
pub(super) struct Won {
    pub(super) stream: TcpStream,
    pub(super) address: SocketAddr,
}

/// A race without a winner.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) attempts: Vec<TriedAddress>,
    /// How many addresses were left when time ran out.
    pub(super) untried: usize,
    /// Whether the time limit ended it before all addresses had failed by themselves.
    pub(super) cut_off: bool,
}

/// The first of the addresses to accept a connection before `until`.
pub(super) fn connect(
    addresses: Vec<SocketAddr>,
    until: Option<Instant>,
    socket: &SocketOptions,
    on: &mut dyn FnMut(&DialEvent<'_>),
) -> Result<Won, Lost> {
    let (sender, receiver) = mpsc::channel();
    let schedule = Schedule::new(addresses, socket.attempt_delay.unwrap_or(ATTEMPT_DELAY));
    let start = Instant::now();
    let mut race = Race { schedule, start, until, socket, attempts: Vec::new(), sender, receiver, on };
    let won = race.run();
    race.finish(won)
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
enum RaceStep {
    /// Begin an attempt.
    Start(SocketAddr),
    /// Wait for an attempt to end, this long at most.
    Wait(Option<Duration>),
    /// All have failed.
    Done,
}

/// Which address next, and when. All times are counted from the race's start.
#[derive(Debug)]
struct Schedule {
    waiting: VecDeque<SocketAddr>,
    running: usize,
    due: Duration,
    /// How long an attempt runs alone.
    delay: Duration,
}

impl Schedule {
    fn new(addresses: Vec<SocketAddr>, delay: Duration) -> Self {
        Self { waiting: addresses.into(), running: 0, due: Duration::ZERO, delay }
    }

    /// What is to be done at `now`; a [`RaceStep::Start`] counts as done.
    fn next(&mut self, now: Duration) -> RaceStep {
        if self.running >= MAX_AT_ONCE {
            return RaceStep::Wait(None);
        }
        if self.due > now && !self.waiting.is_empty() {
            return RaceStep::Wait(Some(self.due.saturating_sub(now)));
        }
        match self.waiting.pop_front() {
            Some(address) => {
                self.running += 1;
                self.due = now.saturating_add(self.delay);
                RaceStep::Start(address)
            }
            None if self.running == 0 => RaceStep::Done,
            None => RaceStep::Wait(None),
        }
    }

    /// An attempt failed at `now`: the next need not wait for its turn (RFC 8305 §5).
    fn failed(&mut self, now: Duration) {
        self.running = self.running.saturating_sub(1);
        self.due = now;
    }

    /// Whether the attempt that has just begun is all that is left.
    fn is_last(&self) -> bool {
        self.running == 1 && self.waiting.is_empty()
    }
}

/// How an attempt ended.
struct AttemptReport {
    index: usize,
    took: Duration,
    result: io::Result<TcpStream>,
}

struct Race<'a> {
    schedule: Schedule,
    start: Instant,
    until: Option<Instant>,
    socket: &'a SocketOptions,
    attempts: Vec<TriedAddress>,
    sender: Sender<AttemptReport>,
    receiver: Receiver<AttemptReport>,
    on: &'a mut dyn FnMut(&DialEvent<'_>),
}

impl Race<'_> {
    /// The winner's socket and address, or `None` when all have failed or time has run out.
    fn run(&mut self) -> Option<(TcpStream, SocketAddr)> {
        while !self.is_over() {
            match self.schedule.next(self.start.elapsed()) {
                RaceStep::Start(address) => self.begin(address),
                RaceStep::Wait(delay) => {
                    let won = self.wait(delay).and_then(|report| self.note(report));
                    if won.is_some() {
                        return won;
                    }
                }
                RaceStep::Done => break,
            }
        }
        None
    }

    fn is_over(&self) -> bool {
        interrupt::has_come() || self.until.is_some_and(|until| Instant::now() >= until)
    }

    fn begin(&mut self, address: SocketAddr) {
        (self.on)(&DialEvent::Trying { address });
        let index = self.attempts.len();
        let (began, took) = (self.start.elapsed(), Duration::ZERO);
        self.attempts.push(TriedAddress { address, began, took, outcome: AddressOutcome::Abandoned });
        let (sender, until, socket) = (self.sender.clone(), self.until, self.socket.clone());
        let on_thread = (!self.schedule.is_last() || interrupt::is_watched()) && {
            let thread = thread::Builder::new().name("connect".into());
            thread.spawn(move || attempt(index, address, until, &socket, &sender)).is_ok()
        };
        // Where the system has no thread to give, the addresses take their turns.
        if !on_thread {
            attempt(index, address, until, self.socket, &self.sender);
        }
    }

    /// The next report, if one comes within the delay and before time runs out.
    fn wait(&self, delay: Option<Duration>) -> Option<AttemptReport> {
        let turn = delay.and_then(|delay| Instant::now().checked_add(delay));
        for_thread(&self.receiver, earlier(turn, self.until))
    }

    /// Writes down how an attempt ended; the socket and address if it won.
    fn note(&mut self, report: AttemptReport) -> Option<(TcpStream, SocketAddr)> {
        let attempt = self.attempts.get_mut(report.index)?;
        let address = attempt.address;
        attempt.took = report.took;
        match report.result {
            Ok(stream) => {
                attempt.outcome = AddressOutcome::Connected;
                (self.on)(&DialEvent::Connected { address });
                Some((stream, address))
            }
            Err(error) => {
                (self.on)(&DialEvent::Failed { address, error: &error });
                attempt.outcome = AddressOutcome::Failed(error);
                self.schedule.failed(self.start.elapsed());
                None
            }
        }
    }

    fn finish(self, won: Option<(TcpStream, SocketAddr)>) -> Result<Won, Lost> {
        let (untried, is_over, now) = (self.schedule.waiting.len(), self.is_over(), self.start.elapsed());
        let mut attempts = self.attempts;
        for attempt in &mut attempts {
            if matches!(attempt.outcome, AddressOutcome::Abandoned) {
                attempt.took = now.saturating_sub(attempt.began);
            }
        }
        match won {
            Some((stream, address)) => Ok(Won { stream, address }),
            None => {
                let cut_off = is_over && (untried > 0 || attempts.iter().any(TriedAddress::is_slow));
                Err(Lost { attempts, untried, cut_off })
            }
        }
    }
}

/// One attempt, and its report. The receiver may be gone: then the
/// socket, if there is one, closes with the report.
fn attempt(
    index: usize,
    address: SocketAddr,
    until: Option<Instant>,
    socket: &SocketOptions,
    sender: &Sender<AttemptReport>,
) {
    let began = Instant::now();
    let limit = until.map(|until| until.saturating_duration_since(began));
    let result = socket.connect(address, limit);
    let _ = sender.send(AttemptReport { index, took: began.elapsed(), result });
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr};

    use super::*;

    fn address(number: usize) -> SocketAddr {
        format!("192.0.2.{number}:80").parse().unwrap()
    }

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn wait(milliseconds: u64) -> RaceStep {
        RaceStep::Wait(Some(at(milliseconds)))
    }

    fn ordered(addresses: &[&str]) -> Vec<String> {
        let addresses = addresses.iter().map(|text| (text.parse::<IpAddr>().unwrap(), 80).into());
        order(addresses.collect()).iter().map(|address| address.ip().to_string()).collect()
    }

    #[test]
    fn families_take_turns_beginning_with_the_first() {
        let six_first = ["::2", "::3", "::4", "1.1.1.1", "2.2.2.2"];
        assert_eq!(ordered(&six_first), ["::2", "1.1.1.1", "::3", "2.2.2.2", "::4"]);
        assert_eq!(ordered(&["1.1.1.1", "2.2.2.2", "::2"]), ["1.1.1.1", "::2", "2.2.2.2"]);
        assert_eq!(ordered(&["1.1.1.1", "2.2.2.2"]), ["1.1.1.1", "2.2.2.2"]);
        assert_eq!(ordered(&["::2", "1.1.1.1", "::2"]), ["::2", "1.1.1.1"]);
        assert!(ordered(&[]).is_empty());
    }

    #[test]
    fn of_thousands_a_few_are_tried_and_both_families_are_among_them() {
        let mut addresses: Vec<SocketAddr> =
            (0..10_000_u32).map(|n| (Ipv6Addr::from(u128::from(n)), 80).into()).collect();
        addresses.push(address(1));
        let ordered = order(addresses);
        assert_eq!(ordered.len(), MAX_ADDRESSES);
        assert_eq!(ordered[1], address(1));
    }

    #[test]
    fn a_silent_address_delays_the_next_by_a_quarter_of_a_second() {
        let mut schedule = Schedule::new(vec![address(1), address(2), address(3)], ATTEMPT_DELAY);
        assert_eq!(schedule.next(at(0)), RaceStep::Start(address(1)));
        assert!(!schedule.is_last());
        assert_eq!(schedule.next(at(0)), wait(250));
        assert_eq!(schedule.next(at(249)), wait(1));
        assert_eq!(schedule.next(at(250)), RaceStep::Start(address(2)));
        assert_eq!(schedule.next(at(260)), wait(240));
        assert_eq!(schedule.next(at(600)), RaceStep::Start(address(3)));
        assert_eq!(schedule.next(at(601)), RaceStep::Wait(None));
        for _ in 0..3 {
            schedule.failed(at(700));
        }
        assert_eq!(schedule.next(at(700)), RaceStep::Done);
    }

    #[test]
    fn a_failure_starts_the_next_at_once() {
        let mut schedule = Schedule::new(vec![address(1), address(2)], ATTEMPT_DELAY);
        assert_eq!(schedule.next(at(0)), RaceStep::Start(address(1)));
        schedule.failed(at(3));
        assert_eq!(schedule.next(at(3)), RaceStep::Start(address(2)));
        assert!(schedule.is_last());
        assert_eq!(schedule.next(at(3)), RaceStep::Wait(None));
        schedule.failed(at(4));
        assert_eq!(schedule.next(at(4)), RaceStep::Done);
    }

    #[test]
    fn a_single_address_is_the_last_one() {
        let mut schedule = Schedule::new(vec![address(1)], ATTEMPT_DELAY);
        assert_eq!(schedule.next(at(0)), RaceStep::Start(address(1)));
        assert!(schedule.is_last());
        assert_eq!(Schedule::new(Vec::new(), ATTEMPT_DELAY).next(at(0)), RaceStep::Done);
    }

    #[test]
    fn no_more_than_so_many_at_once() {
        let mut schedule = Schedule::new((1..=MAX_AT_ONCE + 1).map(address).collect(), ATTEMPT_DELAY);
        for number in 1..=MAX_AT_ONCE {
            let now = ATTEMPT_DELAY * u32::try_from(number).unwrap();
            assert_eq!(schedule.next(now), RaceStep::Start(address(number)));
        }
        assert_eq!(schedule.next(at(60_000)), RaceStep::Wait(None));
        schedule.failed(at(60_001));
        assert_eq!(schedule.next(at(60_001)), RaceStep::Start(address(MAX_AT_ONCE + 1)));
    }

    /// Whatever fails when, each address is started once, in order, and all end.
    #[test]
    fn every_schedule_ends() {
        let mut random = 1_u64;
        for count in 0..200 {
            let addresses: Vec<SocketAddr> = (0..count % 65).map(address).collect();
            let mut schedule = Schedule::new(addresses.clone(), ATTEMPT_DELAY);
            let (mut now, mut started) = (Duration::ZERO, Vec::new());
            loop {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                match schedule.next(now) {
                    RaceStep::Start(address) => started.push(address),
                    RaceStep::Wait(Some(delay)) if random >> 63 == 0 => now += delay,
                    RaceStep::Wait(_) => schedule.failed(now),
                    RaceStep::Done => break,
                }
                assert!(schedule.running <= MAX_AT_ONCE);
            }
            assert_eq!(started, addresses);
        }
    }
}
