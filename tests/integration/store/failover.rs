//! What becomes of acknowledged messages when primaries die.

use crate::conformance::{Db, NOW, append, new_message, room_of_two};
use lavender::id::{MessageId, RoomId, UserId};
use lavender::model::Seq;
use lavender::server::store::StoreError;
use lavender::server::store::mongo::Mongo;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Guards against waiting for ever; a recovery takes a few seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Three nodes of our own, taken away with this value.
struct ThreeNodes {
    keeper: Child,
    uri: String,
    control: String,
}

impl ThreeNodes {
    fn start() -> Self {
        let mut keeper = Command::new("scripts/with-mongo.sh")
            .args(["--nodes", "3", "sh", "-c", "echo \"$TEST_MONGODB_URI $TEST_MONGODB_CTL\"; cat >/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let (uri, control) = line.trim().split_once(' ').expect("a replica set: run scripts/setup-test.sh");
        Self { uri: uri.into(), control: control.into(), keeper }
    }

    async fn control(&self, what: &'static str) {
        let program = self.control.clone();
        let done = tokio::task::spawn_blocking(move || Command::new(program).arg(what).stdout(Stdio::null()).status());
        assert!(done.await.expect("a task").expect("a program").success(), "{what}");
    }
}

impl Drop for ThreeNodes {
    fn drop(&mut self) {
        // The end of its input ends the command, and with it the nodes.
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
    }
}

/// Sends one message after another until told to stop; each with the same ids until it is acknowledged.
async fn client(
    db: Db,
    room_id: RoomId,
    author: UserId,
    acked: Arc<watch::Sender<usize>>,
    stop: watch::Receiver<bool>,
) -> Vec<(MessageId, Seq)> {
    let mut log = Vec::new();
    while !*stop.borrow() {
        let new = new_message(room_id, author, &log.len().to_string());
        let message = loop {
            match append(&db, new.clone()).await {
                Ok(outcome) => break outcome.message,
                Err(StoreError::Unavailable(_)) => {}
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!(message.id, new.id);
        log.push((message.id, message.seq));
        acked.send_modify(|count| *count += 1);
    }
    log
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledged_message_survives_the_death_of_two_primaries() {
    let nodes = tokio::task::spawn_blocking(ThreeNodes::start).await.unwrap();
    let stores: [Db; 2] =
        [Arc::new(Mongo::connect(&nodes.uri).await.unwrap()), Arc::new(Mongo::connect(&nodes.uri).await.unwrap())];
    let mut rooms = Vec::new();
    for n in 0..4 {
        let (room, ana, ben) = room_of_two(&stores[0], n).await;
        rooms.push((room.id, [ana, ben]));
    }
    let (acked, stop) = (Arc::new(watch::channel(0).0), watch::channel(false).0);
    // In every room two people, each through a process of their own.
    let clients: Vec<_> = (0..8)
        .map(|n| {
            let (room_id, people) = rooms[n / 2];
            let task = client(stores[n % 2].clone(), room_id, people[n % 2], acked.clone(), stop.subscribe());
            (room_id, tokio::spawn(task))
        })
        .collect();
    let mut progress = acked.subscribe();
    let mut more = async |count: usize| {
        let goal = *progress.borrow() + count;
        let reached = tokio::time::timeout(PATIENCE, progress.wait_for(|acked| *acked >= goal));
        reached.await.expect("messages that are acknowledged again").unwrap();
    };
    more(200).await;
    for _ in 0..2 {
        nodes.control("kill-primary").await;
        more(200).await;
        nodes.control("restart").await;
        more(200).await;
    }
    stop.send_replace(true);
    let mut in_room: HashMap<RoomId, Vec<(MessageId, Seq)>> = HashMap::new();
    for (room_id, task) in clients {
        let log = task.await.unwrap();
        assert!(log.is_sorted_by_key(|(_, seq)| *seq));
        in_room.entry(room_id).or_default().extend(log);
    }

    let fresh = Mongo::connect(&nodes.uri).await.unwrap();
    let fresh: Db = Arc::new(fresh);
    for (room_id, [ana, _]) in rooms {
        let mut acked = in_room.remove(&room_id).unwrap();
        acked.sort_by_key(|(_, seq)| *seq);
        let stored = fresh.page(room_id, 0, None, Some(0), u16::MAX).await.unwrap();
        assert_eq!(
            stored.iter().map(|message| message.seq).collect::<Vec<_>>(),
            (1..=stored.len() as Seq).collect::<Vec<_>>()
        );
        // Every message was acknowledged in the end, so what is stored is exactly that: nothing lost, nothing twice.
        assert_eq!(stored.iter().map(|message| (message.id, message.seq)).collect::<Vec<_>>(), acked);
        assert!(stored.iter().all(|message| message.created_at == NOW));
        assert!(!append(&fresh, new_message(room_id, ana, "after")).await.unwrap().repeated);
    }
}
