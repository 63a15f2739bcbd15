//! What this server writes to people, and the outbox that it waits in: a letter is stored with what it is about, taken by one process at
//! a time, written and carried, and tried again for a day. Links are made when it is written, so none waits in the store.

use crate::error::Result;
use crate::id::MailId;
use crate::server::mail::{Failure, Letter, Mailer, Paragraph};
use crate::server::service::{accounts, answers};
use crate::server::store::{MailRow, UserRow};
use crate::server::{App, Parts};
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// How long a process has for what it took.
const LEASE_MS: i64 = 2 * 60_000;
/// How often it looks for what others left.
const LOOK: Duration = Duration::from_secs(15);
const AT_ONCE: usize = 4;
/// The first pause; it doubles with each try, to the longest.
const PAUSE_MS: i64 = 15_000;
const PAUSE_MAX_MS: i64 = 3_600_000;
/// After a day nobody waits for it any more.
const LIVES_MS: i64 = 24 * 3_600_000;

/// Where letters are carried from, if there is a mail server.
pub struct Desk {
    mailer: Mailer,
    wake: Arc<Notify>,
}

impl Desk {
    pub fn new(mailer: Mailer) -> Self {
        Self { mailer, wake: Arc::default() }
    }
}

/// What a letter is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum About {
    /// Is this address yours?
    ///
    /// `state`: what the account was when it was asked.
    Confirm {
        email: String,
        state: String,
    },
    /// A link for a new password.
    Reset {
        state: String,
    },
    /// Somebody signed in where they had not before.
    NewDevice {
        device: String,
        network: String,
        at: Timestamp,
    },
    PasswordChanged {
        at: Timestamp,
    },
    /// To the address before.
    EmailChanged {
        at: Timestamp,
    },
    /// The account goes, unless it is kept.
    Leaving {
        at: Timestamp,
        due_at: Timestamp,
    },
}

/// What an account is now, for the letters that let somebody into it: one that waited until it was another is not written.
pub fn state(user: &UserRow) -> String {
    URL_SAFE_NO_PAD.encode(&accounts::link_state(user)[..16])
}

/// Puts a letter to this address in the outbox. Without a mail server nothing is done.
///
/// # Errors
/// Those of the store.
pub async fn post(app: &App, user: &UserRow, to: &str, about: &About) -> Result<()> {
    let Some(desk) = &app.mails else { return Ok(()) };
    let now = Timestamp::now();
    let about = serde_json::to_string(about).expect("a plain enum");
    let row = MailRow {
        id: MailId::new(),
        user_id: user.id,
        to: to.to_owned(),
        about,
        created_at: now,
        due_at: now,
        tries: 0,
    };
    app.db.add_mail(&row).await?;
    desk.wake.notify_one();
    Ok(())
}

/// Tells somebody of what happened to their account, at an address that they have confirmed. A failure is only noted: it has happened.
pub async fn notify(app: &App, user: &UserRow, about: About) {
    if user.email_confirmed_at.is_some()
        && let Err(error) = post(app, user, &user.email, &about).await
    {
        tracing::warn!(%error, user.id = %user.id, "a notice was not put in the outbox");
    }
}

/// Carries letters until the app ends.
pub fn start(app: &App) {
    if app.mails.is_some() {
        tokio::spawn(run(Arc::downgrade(&app.0)));
    }
}

async fn run(parts: Weak<Parts>) {
    loop {
        let Some(app) = parts.upgrade().map(App) else { return };
        let Some(desk) = &app.mails else { return };
        let wake = desk.wake.clone();
        match carry(&app, Timestamp::now()).await {
            // There may be more.
            Ok(taken) if taken == AT_ONCE => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the outbox was not read"),
        }
        // Not held while waiting: the app may end.
        drop(app);
        tokio::time::timeout(LOOK, wake.notified()).await.ok();
    }
}

/// Carries what is due, a few letters at most. Returns how many that were.
///
/// # Errors
/// Those of the store.
pub async fn carry(app: &App, now: Timestamp) -> Result<usize> {
    let Some(desk) = &app.mails else { return Ok(0) };
    let rows = app.db.take_mails(now, now.plus_ms(LEASE_MS), AT_ONCE).await?;
    let count = rows.len();
    stream::iter(rows).for_each_concurrent(AT_ONCE, |row| carry_one(app, desk, row, now)).await;
    Ok(count)
}

async fn carry_one(app: &App, desk: &Desk, row: MailRow, now: Timestamp) {
    let outcome = match written(app, &row).await {
        Ok(Some(letter)) => desk.mailer.send(row.id.0, &row.to, &letter).await,
        // The account is gone, or it is no longer true.
        Ok(None) => Err(Failure::Never("nobody needs it any more".to_owned())),
        Err(error) => Err(Failure::Later(error.to_string())),
    };
    let kept = match outcome {
        Ok(()) => {
            tracing::info!(mail.id = %row.id, tries = row.tries, "a letter was carried");
            app.db.remove_mail(row.id).await
        }
        Err(Failure::Never(why)) => {
            tracing::warn!(mail.id = %row.id, why, "a letter was given up");
            app.db.remove_mail(row.id).await
        }
        Err(Failure::Later(why)) if now.0 - row.created_at.0 > LIVES_MS => {
            tracing::warn!(mail.id = %row.id, why, "a letter was given up after a day");
            app.db.remove_mail(row.id).await
        }
        Err(Failure::Later(why)) => {
            tracing::warn!(mail.id = %row.id, why, tries = row.tries, "a letter waits");
            let pause = (PAUSE_MS << row.tries.saturating_sub(1).min(10)).min(PAUSE_MAX_MS);
            app.db.put_mail_off(row.id, now.plus_ms(pause)).await
        }
    };
    if let Err(error) = kept {
        tracing::warn!(%error, mail.id = %row.id, "the outbox was not written: the letter may come twice");
    }
}

/// The letter, if it still says something.
async fn written(app: &App, row: &MailRow) -> Result<Option<Letter>> {
    let Ok(about) = serde_json::from_str::<About>(&row.about) else { return Ok(None) };
    let Some(user) =
        app.db.user(row.user_id).await?.filter(|user| user.banned_at.is_none() && user.deleted_at.is_none())
    else {
        return Ok(None);
    };
    match &about {
        About::Confirm { state: then, .. } | About::Reset { state: then } if *then != state(&user) => return Ok(None),
        About::Leaving { .. } if user.leaving.is_none() => return Ok(None),
        _ => {}
    }
    let (subject, parts) = words(app, &user, &about);
    let host = app.config.origin.split_once("://").map_or(app.config.origin.as_str(), |(_, host)| host);
    let footer = match about {
        About::Confirm { .. } => {
            format!(
                "You get this because somebody gave this address to {host}. If it was not you, do nothing: it is not used."
            )
        }
        _ => format!("You get this because this address belongs to an account at {host}."),
    };
    Ok(Some(Letter { subject, name: user.display_name, parts, footer }))
}

fn words(app: &App, user: &UserRow, about: &About) -> (String, Vec<Paragraph>) {
    let origin = &app.config.origin;
    let text = |words: &str| Paragraph::Text(words.to_owned());
    let button = |says: &str, path: String| Paragraph::Button(says.to_owned(), format!("{origin}{path}"));
    let was_it_you = |says: &str| {
        [
            text(
                "If that was you, there is nothing to do. If not, set a new password now: it signs everybody else out.",
            ),
            button(says, "/settings/sign-in".to_owned()),
        ]
    };
    match about {
        About::Confirm { email, .. } => (
            "Confirm your address".to_owned(),
            vec![
                text(
                    "press the button to confirm that this address is yours. With it you can get back in when you forget your password.",
                ),
                button("Confirm this address", accounts::confirm_link(app, user, email)),
                text("The link works for a day."),
            ],
        ),
        About::Reset { .. } => (
            "A new password".to_owned(),
            vec![
                text("somebody, hopefully you, asked for a new password for your account."),
                button("Choose a new password", accounts::link(app, user)),
                text(
                    "The link works once and for half an hour. If it was not you, do nothing: your password stays as it is.",
                ),
            ],
        ),
        About::NewDevice { device, network, at } => {
            let mut parts = vec![Paragraph::Text(format!(
                "your account was signed in on a device that had not been there before: {device}, from the network {network}, \
                 at {}.",
                moment(*at)
            ))];
            parts.extend(was_it_you("Look at your devices"));
            ("A new sign-in to your account".to_owned(), parts)
        }
        About::PasswordChanged { at } => {
            let mut parts =
                vec![Paragraph::Text(format!("the password of your account was changed at {}.", moment(*at)))];
            parts.extend(was_it_you("Look at your account"));
            ("Your password was changed".to_owned(), parts)
        }
        About::Leaving { due_at, .. } => (
            "Your account will be deleted".to_owned(),
            vec![
                Paragraph::Text(format!(
                    "you asked for your account to be deleted. That happens at {}; until then, sign in and it stays.",
                    moment(*due_at)
                )),
                button("Sign in and keep it", "/login".to_owned()),
                text(
                    "If it was not you who asked, sign in and set a new password at once: whoever did knows the one you have.",
                ),
            ],
        ),
        About::EmailChanged { at } => (
            "Your address was changed".to_owned(),
            vec![
                Paragraph::Text(format!(
                    "your account has another address since {}. Letters go there from now on.",
                    moment(*at)
                )),
                text("If that was not you, write to the people who run this server."),
            ],
        ),
    }
}

/// Minutes of universal time: nobody here knows where the reader is.
fn moment(at: Timestamp) -> String {
    let minute = at.0.div_euclid(60_000).rem_euclid(24 * 60);
    format!("{} {:02}:{:02} UTC", answers::date(at), minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        for (ms, told) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_399_999, "2000-02-28 23:59 UTC"),
            (951_782_400_000, "2000-02-29 00:00 UTC"),
            (1_795_829_059_988, "2026-11-28 01:24 UTC"),
            (4_107_542_400_000, "2100-03-01 00:00 UTC"),
            (-60_000, "1969-12-31 23:59 UTC"),
        ] {
            assert_eq!(moment(Timestamp(ms)), told);
        }
    }

    #[test]
    fn what_a_letter_is_about_comes_back_as_it_was() {
        for about in [
            About::Confirm { email: "ada@example.org".into(), state: "x".into() },
            About::Reset { state: "x".into() },
            About::PasswordChanged { at: Timestamp(5) },
            About::Leaving { at: Timestamp(5), due_at: Timestamp(6) },
        ] {
            let text = serde_json::to_string(&about).unwrap();
            assert_eq!(serde_json::from_str::<About>(&text).unwrap(), about);
        }
    }
}
