//! What a model may do for who asks it: by calls, or by a grammar where it can't call; once, in this room, and shown as what it is.

use crate::support::client::Client;
use crate::support::model::ModelServer;
use crate::support::server::Store;
use crate::support::stage::{Person, Stage};
use lavender::id::RoomId;
use lavender::live::{Command, LiveEvent};
use lavender::model::{AnswerAct, AnswerState, Extra, Message};
use lavender::server::model::{Caps, Tri};
use lavender::server::service::assistant::ID;
use lavender::server::service::memory;

/// A group of two and the assistant, with a model that can do this.
async fn stage(store: Store, caps: Caps) -> (Stage, ModelServer, Vec<Person>, RoomId) {
    let model = ModelServer::start().await;
    let (stage, members, room_id) = Stage::with_assistant(store, |config| model.configure(config)).await;
    stage.app.answers.as_ref().unwrap().set_caps(caps);
    (stage, model, members, room_id)
}

const CALLS: Caps = Caps { tools: Tri::Yes, schema: Tri::Yes, grammar: Tri::No };
const FOLLOWS: Caps = Caps { tools: Tri::No, schema: Tri::Yes, grammar: Tri::Yes };

async fn new(client: &mut Client, fits: impl Fn(&Message) -> bool) -> Message {
    let is_it =
        |event: &LiveEvent| matches!(event, LiveEvent::Message { message } if message.author_id == ID && fits(message));
    let LiveEvent::Message { message } = client.event(is_it).await else { unreachable!("it was looked at") };
    message
}

async fn ended(client: &mut Client) -> Message {
    let is_it = |event: &LiveEvent| {
        matches!(event, LiveEvent::MessageChanged { message }
        if matches!(&message.extra, Some(Extra::Answer(answer)) if answer.state != AnswerState::Writing))
    };
    let LiveEvent::MessageChanged { message } = client.event(is_it).await else { unreachable!("it was looked at") };
    message
}

on_both_stores! {
    async fn what_a_model_calls_is_done_by_our_code_and_once(store) {
        let (_stage, mut model, members, room_id) = stage(store, CALLS).await;
        let mut ana = members[0].connect().await;
        ana.send(room_id, "@lavender who does the dishes, Ben or me? the coin knows, flip it after dinner").await.unwrap();
        let mut asked = model.asked().await;
        let names: Vec<_> = asked.body["tools"].as_array().unwrap().iter().map(|tool| tool["function"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["search_room", "send_gif", "react", "flip_coin", "roll_die", "tic_tac_toe"]);
        assert!(asked.text().contains("flip_coin: everybody sees it"), "{}", asked.text());
        asked.say("Let it fall.").await;
        asked.call("flip_coin", "{}").await;
        asked.call("flip_coin", "{}").await;
        asked.finish("tool_calls").await;
        let coin = new(&mut ana, |message| matches!(message.extra, Some(Extra::Coin(_)))).await;
        assert!(coin.reply_to.is_some());
        let whole = ended(&mut ana).await;
        assert_eq!(whole.body.as_str(), "Let it fall.");
        assert!(model.is_idle(), "what everybody sees needs no second look");
        // Anew it only writes.
        let id = ana.command(Command::Answer { room_id, message_id: whole.id, act: AnswerAct::Again }).await;
        ana.answer(id).await.unwrap();
        let mut again = model.asked().await;
        assert!(again.body.get("tools").is_none() && again.text().contains("You have no tools"), "{}", again.text());
        again.say("It fell.").await;
        again.finish("stop").await;
        ended(&mut ana).await;
        let all = members[0].app.db.page(room_id, 0, None, None, 100).await.unwrap();
        assert_eq!(all.iter().filter(|message| matches!(message.extra, Some(Extra::Coin(_)))).count(), 1);
    }

    async fn who_only_acts_says_so(store) {
        let (_stage, mut model, members, room_id) = stage(store, CALLS).await;
        let mut ana = members[0].connect().await;
        let sent = ana.send(room_id, "@lavender be so nice and like what I say here").await.unwrap();
        let mut asked = model.asked().await;
        asked.call("react", r#"{"emoji":":tada:"}"#).await;
        asked.finish("tool_calls").await;
        let mut second = model.asked().await;
        assert!(second.text().contains("What tools did (data):\nreact: the emoji is on the message"), "{}", second.text());
        second.say("").await;
        second.finish("stop").await;
        assert_eq!(ended(&mut ana).await.body.as_str(), "Done.");
        let liked = members[0].app.db.message(sent.message_id).await.unwrap().unwrap();
        assert_eq!(liked.reactions[0].by, [ID]);
    }

    async fn a_search_brings_what_who_asks_may_read_and_is_among_what_it_saw(store) {
        let (_stage, mut model, members, room_id) = stage(store, CALLS).await;
        let [ana, ben] = members.as_slice() else { panic!("two") };
        let mut client = ana.connect().await;
        let found = client.send(room_id, "The ferry leaves at nine").await.unwrap();
        let hidden = client.send(room_id, "The ferry is my secret").await.unwrap();
        memory::hide_message(&ana.app, &ana.session, room_id, hidden.message_id, true).await.unwrap();
        for n in 0..60 {
            client.send(room_id, &format!("and so on {n}")).await.unwrap();
        }
        let recent = client.send(room_id, "I like the ferry").await.unwrap();
        client.send(room_id, "@lavender when does it leave?").await.unwrap();
        let mut asked = model.asked().await;
        assert!(!asked.text().contains("ferry leaves") && asked.text().contains("I like the ferry"));
        asked.say("One moment.").await;
        asked.call("search_room", r#"{"query":"ferry"}"#).await;
        asked.finish("tool_calls").await;
        let mut second = model.asked().await;
        let text = second.text();
        assert!(text.contains("search_room: 2 found (data):\nm") && text.contains("The ferry leaves at nine"), "{text}");
        assert!(!text.contains("secret") && second.body.get("tools").is_none(), "{text}");
        let alias = text.lines().find(|line| line.contains("ferry leaves")).and_then(|line| line.split(' ').next()).unwrap();
        second.say(&format!("At nine, says [{alias}].")).await;
        second.finish("stop").await;
        let whole = ended(&mut client).await;
        let name = lavender::server::access::people(&ana.app, [ana.user_id]).await.unwrap()[&ana.user_id].person.display_name.clone();
        assert_eq!(whole.body.as_str(), format!("One moment.\n\nAt nine, says {name}."));
        let seen = memory::seen(&ben.app, &ben.session, room_id, whole.id).await.unwrap();
        // Each once, what was there before and what was found.
        for id in [found.message_id, recent.message_id] {
            assert_eq!(seen.messages.iter().filter(|message| message.id == id).count(), 1);
        }
        assert!(seen.messages.iter().all(|message| message.id != hidden.message_id));
    }

    async fn a_model_that_cannot_call_is_asked_under_a_grammar(store) {
        let (_stage, mut model, members, room_id) = stage(store, FOLLOWS).await;
        let mut ana = members[0].connect().await;
        ana.send(room_id, "@lavender we need something to roll, with twelve sides").await.unwrap();
        let mut router = model.asked().await;
        assert!(router.body["grammar"].as_str().unwrap().starts_with("root ::="));
        router.say("roll").await;
        router.finish("stop").await;
        let mut argument = model.asked().await;
        assert!(argument.body["response_format"].to_string().contains("sides"), "{}", argument.body);
        argument.say(r#"{"sides":12}"#).await;
        argument.finish("stop").await;
        let rolled = new(&mut ana, |message| matches!(message.extra, Some(Extra::Roll(_)))).await;
        assert!(matches!(rolled.extra, Some(Extra::Roll(roll)) if roll.sides == 12));
        let mut asked = model.asked().await;
        assert!(asked.body.get("tools").is_none() && asked.text().contains("roll_die: the die is shown to everybody"), "{}", asked.text());
        asked.say("There it is.").await;
        asked.finish("stop").await;
        assert_eq!(ended(&mut ana).await.body.as_str(), "There it is.");
        // Nothing to do: no question about it.
        ana.send(room_id, "@lavender what is the capital of France?").await.unwrap();
        let mut asked = model.asked().await;
        assert!(asked.body.get("grammar").is_none(), "{}", asked.body);
        asked.say("Paris.").await;
        asked.finish("stop").await;
        ended(&mut ana).await;
    }
}
