//! A server, actors with a store each, and what becomes of a session in every schedule.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use session_runtime::record::{Record, Stamp};
use session_runtime::store::Loaded;
use session_runtime::{Clock, RedisStore, SessionId, SessionStore as _, StoreKey};
use session_servers::Redis;
use session_tests::delta;
use tokio::task::JoinHandle;

use super::actors::{Act, Actor, Outcome};
use super::choices::Choices;
use super::desk::{Asked, Desk, Server};

/// What each actor sets.
const FIELDS: [&str; 3] = ["first", "second", "third"];
/// The answer to a command whose fate nobody knows.
const LOST: &[u8] = b"-CLUSTERDOWN lost\r\n";

pub(super) struct Stage {
    server: Server,
    /// Of each actor.
    ways: Vec<(Desk, Arc<RedisStore>)>,
    /// Sees what there is.
    store: RedisStore,
    _redis: Redis,
}

/// What becomes of a command that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// It is done, and answered.
    Done,
    /// It is done, the answer is lost, and it is sent once more.
    Repeated,
    /// It is done, and the answer is lost.
    Lost,
    /// It is done some time later, and answered by nobody.
    Late,
}

const FATES: [Fate; 4] = [Fate::Done, Fate::Repeated, Fate::Lost, Fate::Late];

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// What this actor asks for meets its fate.
    Command(usize, Fate),
    /// This one of the commands that are late is done.
    Late(usize),
}

fn is_fault(event: &Event) -> bool {
    matches!(event, Event::Command(_, Fate::Repeated | Fate::Lost | Fate::Late))
}

/// What the actors have in view.
struct Session {
    key: StoreKey,
    base: Record,
}

impl Stage {
    pub(super) async fn new(actors: usize) -> Self {
        let redis = Redis::start().expect("a server");
        let mut server = Server::at(redis.port()).await;
        let store = RedisStore::connect(redis.url()).await.expect("a server");
        // The server is given its functions.
        store.remove(&new_key()).await.expect("an answer");
        let mut ways = Vec::new();
        for _ in 0..actors {
            let mut desk = Desk::open().await;
            let mut connecting = pin!(RedisStore::connect(desk.url()));
            let connected = loop {
                tokio::select! {
                    connected = &mut connecting => break connected.expect("a server"),
                    asked = desk.next() => {
                        let answer = server.ask(&asked.command).await;
                        asked.answer(answer);
                    }
                }
            };
            ways.push((desk, Arc::new(connected)));
        }
        Self { server, ways, store, _redis: redis }
    }

    /// Runs all schedules: how many there are.
    pub(super) async fn explore(&mut self, acts: &[Act], faults: usize) -> u32 {
        let (mut choices, mut runs) = (Choices::default(), 0);
        loop {
            let session = self.session().await;
            let (told, events) = self.run(&session, acts, &mut choices, faults).await;
            if let Err(broken) = self.judge(&session, &told, &events).await {
                let told: Vec<_> = told.iter().map(|(actor, outcome)| (actor.act, outcome)).collect();
                panic!("{broken}: {told:?} after {events:?}");
            }
            runs += 1;
            if !choices.next() {
                return runs;
            }
        }
    }

    async fn session(&self) -> Session {
        let (key, now) = (new_key(), Clock::system().now());
        let base = Record::new(now, now + Duration::from_hours(1));
        let base = base.apply_stamped(&delta(&[("x", b"1")]), Stamp::next()).at_version(1);
        self.store.insert(&key, &base).await.expect("an answer");
        Session { key, base }
    }

    /// One schedule: what each actor was told, and what happened.
    async fn run(
        &mut self,
        session: &Session,
        acts: &[Act],
        choices: &mut Choices,
        faults: usize,
    ) -> (Vec<(Actor, Outcome)>, Vec<Event>) {
        let actors: Vec<_> = acts.iter().enumerate().map(|(number, act)| session.actor(number, *act)).collect();
        let mut turns = Turns::default();
        for (index, actor) in actors.iter().enumerate() {
            let (actor, store) = (actor.clone(), self.ways[index].1.clone());
            let task = tokio::spawn(async move { actor.run(&store).await });
            turns.wait(index, &mut self.ways[index].0, task).await;
        }
        let mut happened = Vec::new();
        loop {
            let events = turns.events(happened.iter().filter(|event| is_fault(event)).count() < faults);
            if events.is_empty() {
                return (actors.into_iter().zip(turns.over.into_values()).collect(), happened);
            }
            let event = events[choices.choose(events.len())];
            happened.push(event);
            match event {
                Event::Late(index) => _ = self.server.ask(&turns.late.remove(index)).await,
                Event::Command(index, fate) => self.meet(index, fate, &mut turns).await,
            }
        }
    }

    /// A command meets its fate.
    async fn meet(&mut self, index: usize, fate: Fate, turns: &mut Turns) {
        let (asked, task) = turns.asking.remove(&index).expect("a command that waits");
        let answer = match fate {
            Fate::Late => {
                turns.late.push(asked.command.clone());
                LOST.to_vec()
            }
            Fate::Done | Fate::Lost | Fate::Repeated => self.server.ask(&asked.command).await,
        };
        match fate {
            Fate::Repeated => _ = turns.asking.insert(index, (asked, task)),
            Fate::Lost | Fate::Late => {
                asked.answer(LOST.to_vec());
                turns.wait(index, &mut self.ways[index].0, task).await;
            }
            Fate::Done => {
                asked.answer(answer);
                turns.wait(index, &mut self.ways[index].0, task).await;
            }
        }
    }

    /// The session that is under a key.
    async fn there(&self, key: &StoreKey) -> Option<Record> {
        match self.store.load(key, None).await.expect("an answer") {
            Some(Loaded::Record { record, .. }) => Some(record),
            Some(Loaded::Moved(_) | Loaded::Renamed) | None => None,
        }
    }

    /// Whether what everybody was told is true.
    async fn judge(&self, session: &Session, told: &[(Actor, Outcome)], events: &[Event]) -> Result<(), &'static str> {
        let was = |act: fn(&Actor) -> bool, outcome| told.iter().any(|(actor, is)| act(actor) && *is == outcome);
        let removes: fn(&Actor) -> bool = |actor| actor.act == Act::Remove;
        let mut live: Vec<_> = self.there(&session.key).await.into_iter().collect();
        for (actor, outcome) in told {
            if actor.moves() && *outcome == Outcome::Done {
                live.extend(self.there(&actor.new).await);
            }
        }
        if was(removes, Outcome::Done) {
            return if live.is_empty() { Ok(()) } else { Err("a session lives on after its sign-out") };
        }
        if told.iter().any(|(actor, _)| removes(actor)) {
            // Its first call, whose answer was lost, may have ended the session.
            return if events.iter().any(is_fault) { Ok(()) } else { Err("a sign-out did not find the session") };
        }
        if told.iter().any(|(_, outcome)| *outcome == Outcome::Unknown) {
            return if live.len() > 1 { Err("a session is there twice") } else { Ok(()) };
        }
        let [live] = &live[..] else { return Err("a session is not there once") };
        let held = told.iter().filter(|(actor, _)| live.get(actor.field).is_some()).count();
        if live.version() != 1 + held as u64 {
            return Err("a commit is done twice");
        }
        for (actor, outcome) in told {
            match outcome {
                Outcome::Done if live.get(actor.field).is_none() => return Err("a commit is lost"),
                Outcome::Missing if !was(|actor| matches!(actor.act, Act::Rename { .. }), Outcome::Done) => {
                    return Err("a session is missed that has not ended");
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Session {
    fn actor(&self, number: usize, act: Act) -> Actor {
        Actor { act, field: FIELDS[number], old: self.key, new: new_key(), base: self.base.clone() }
    }
}

/// Where everybody is.
#[derive(Default)]
struct Turns {
    /// Whose commands wait.
    asking: BTreeMap<usize, (Asked, JoinHandle<Outcome>)>,
    over: BTreeMap<usize, Outcome>,
    /// Commands that are on their way, and nobody waits for.
    late: Vec<Vec<u8>>,
}

impl Turns {
    /// Waits until an actor asks for something, or has been told.
    async fn wait(&mut self, index: usize, desk: &mut Desk, mut task: JoinHandle<Outcome>) {
        tokio::select! {
            asked = desk.next() => { self.asking.insert(index, (asked, task)); }
            outcome = &mut task => { self.over.insert(index, outcome.expect("no panic")); }
        }
    }

    fn events(&self, may_fail: bool) -> Vec<Event> {
        let fates = if may_fail { &FATES[..] } else { &FATES[..1] };
        let commands = self.asking.keys().flat_map(|index| fates.iter().map(|fate| Event::Command(*index, *fate)));
        commands.chain((0..self.late.len()).map(Event::Late)).collect()
    }
}

fn new_key() -> StoreKey {
    SessionId::generate().expect("random bytes").store_key()
}
