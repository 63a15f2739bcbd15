//! What every store promises, tested through the traits alone. `store.rs` runs each test on both drivers.

pub mod blocks;
pub mod changes;
pub mod data;
pub mod erasure;
pub mod files;
pub mod groups;
pub mod identities;
pub mod invites;
pub mod log;
pub mod mails;
pub mod memories;
pub mod moderation;
pub mod pages;
pub mod prefs;
pub mod requests;
pub mod rooms;
pub mod search;
pub mod sessions;
pub mod users;

use futures_util::future::join_all;
use lavender::id::{RoomId, TxnId, UserId};
use lavender::model::{Body, Message, Room};
use lavender::server::store::{Appended, Database, NewMessage, NewText, StoreError, UserRow};
use lavender::time::Timestamp;
use std::sync::Arc;

pub type Db = Arc<dyn Database>;

/// A moment that all tests begin at; only differences matter.
pub const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// Calls `run` with the names of all tests, as `(module, [tests])`.
macro_rules! for_every_promise {
    ($run:ident) => {
        $run! {
            users [
                a_user_is_found_by_id_and_by_either_login,
                a_username_is_taken_once,
                privacy_is_replaced,
                an_id_is_taken_once,
                an_address_is_taken_once,
                of_many_accounts_with_one_name_one_is_created,
                users_answers_with_those_that_exist,
                a_search_finds_beginnings_of_usernames_and_of_words,
                a_search_shows_the_best_first_and_no_more_than_asked_for,
                a_search_is_data_and_never_a_pattern,
                last_seen_only_moves_forward,
                theme_and_password_are_replaced,
            ]
            sessions [
                a_session_is_found_by_its_id_and_by_both_tokens,
                of_many_rotations_of_one_token_one_succeeds,
                only_the_previous_token_is_a_replay,
                a_revoked_session_does_not_rotate,
                a_session_is_revoked_once,
                last_use_only_moves_forward,
                sessions_belong_to_their_user,
            ]
            identities [
                an_identity_is_found_by_issuer_and_subject,
                an_identity_opens_one_account_and_an_account_has_one_of_an_issuer,
                of_many_accounts_at_once_one_gets_an_identity,
                an_identity_says_when_it_was_used_and_what_address_it_has,
                a_removed_identity_is_free_again,
            ]
            mails [
                a_mail_is_taken_once_until_its_time_comes_again,
                of_many_who_take_mails_at_once_each_gets_others,
                an_address_is_replaced_and_stays_unique,
            ]
            rooms [
                however_often_a_pair_asks_it_has_one_room,
                a_pair_has_one_room_in_either_order,
                a_person_has_no_direct_room_alone,
                a_room_needs_accounts,
                a_group_has_its_members_in_order_and_the_first_owns_it,
                a_group_is_created_once,
                rooms_are_those_that_a_user_is_in,
                members_answers_for_each_room_asked_for,
                marks_only_grow,
                marks_stop_at_the_head,
                a_mark_that_changes_nothing_says_so,
                marks_at_once_end_at_the_highest,
            ]
            groups [
                a_group_keeps_its_description,
                who_joins_sees_what_comes_after,
                joining_twice_changes_nothing,
                nobody_joins_what_is_not_there,
                a_full_group_takes_nobody,
                who_goes_is_gone,
                only_the_named_roles_are_taken_out,
                a_bar_lasts_until_somebody_adds_them,
                of_many_removals_at_once_one_counts,
                a_role_changes_from_the_one_it_was,
                ownership_moves_to_one_member,
                there_is_one_owner_at_every_moment,
                a_change_of_a_room_raises_its_revision_once,
                the_usual_settings_are_no_change_of_a_new_room,
                a_message_is_pinned_once,
                no_more_pins_than_fit,
            ]
            invites [
                a_link_is_found_by_its_code,
                a_link_ends_with_its_time,
                a_link_lets_in_no_more_than_it_says,
                a_link_is_revoked_by_its_own_room_once,
                links_belong_to_their_room_oldest_first,
            ]
            memories [
                a_memory_is_kept_whole_and_of_its_room,
                of_many_changes_of_one_memory_one_is_made,
                what_a_model_saw_goes_with_the_text,
                a_message_is_hidden_from_the_assistant_and_shown_again,
                a_run_is_counted_in_all_accounts_or_in_none,
                what_was_reserved_is_settled,
                of_many_runs_at_once_no_more_than_fit_are_counted,
            ]
            log [
                concurrent_messages_number_a_room_without_a_gap,
                a_batch_keeps_its_order_in_every_room,
                batches_at_once_leave_no_gap_in_any_room,
                a_repeated_sending_gives_the_stored_message,
                a_repetition_within_a_batch_is_one,
                of_many_sendings_at_once_one_is_stored,
                a_repeated_sending_succeeds_after_an_edit,
                another_text_or_room_under_one_transaction_is_refused,
                a_transaction_belongs_to_its_author,
                a_refused_message_harms_no_other_of_its_batch,
                an_empty_batch_is_nothing,
                times_never_go_back_within_a_room,
                what_is_around_a_message_is_kept,
            ]
            pages [
                a_page_is_the_newest_oldest_first,
                a_page_before_ends_where_it_was_asked_to,
                a_page_after_begins_where_it_was_asked_to,
                nothing_at_or_below_the_floor_is_shown,
                a_page_takes_any_number,
                heads_answers_for_each_room_asked_for,
                the_last_message_of_each_room_that_has_one,
                unread_counts_what_others_wrote_in_a_range,
                unread_leaves_out_what_is_no_text_or_hidden_and_tells_mentions_apart,
                messages_are_those_that_exist,
                a_message_is_found_by_id_and_by_transaction,
            ]
            changes [
                an_edit_raises_the_revision_by_one,
                of_many_edits_of_one_revision_one_succeeds,
                an_edit_of_an_old_revision_changes_nothing,
                an_edit_needs_its_message,
                a_change_is_found_from_a_cursor_taken_before_it,
                changes_come_from_these_rooms_oldest_first_and_limited,
                a_new_message_is_no_change,
                an_edit_keeps_what_was_written_before_within_bounds,
                an_edit_sets_mentions_and_may_drop_the_preview,
                a_deletion_takes_all_that_was_said,
                of_many_deletions_one_counts,
                a_deleted_message_and_a_line_of_the_room_do_not_change,
                reactions_are_set_and_taken_back_once,
                reactions_at_once_all_count,
                different_emoji_are_bounded,
                what_is_beside_a_text_is_kept_and_goes_with_it,
                of_many_acts_of_one_revision_one_succeeds,
                an_act_needs_its_message_as_it_was,
                a_preview_is_set_for_the_text_that_it_was_made_for,
                every_change_is_found_from_its_cursor,
                the_cursor_never_goes_back,
            ]
            prefs [
                nobody_has_set_anything_at_first,
                each_setting_is_kept_and_raises_the_revision,
                settings_at_once_all_count,
                a_clear_moves_what_is_seen_and_back,
                hidden_messages_are_bounded,
                reading_takes_a_mark_away,
                a_turn_to_write_comes_after_the_pause,
                of_many_turns_at_once_one_is_taken,
            ]
            requests [
                a_pair_has_one_open_request_per_direction,
                of_many_requests_at_once_one_is_stored,
                a_closed_request_gives_its_place_back,
                a_request_moves_only_from_the_state_it_is_in,
                of_many_answers_one_counts,
                a_request_is_not_reopened_beside_another,
                open_requests_are_both_ways_newest_first,
                a_person_has_one_open_request_per_group,
                due_requests_are_open_and_their_time_is_over,
            ]
            files [
                a_file_is_begun_once_finished_once_and_kept,
                an_attempt_is_known_by_its_key,
                a_quota_is_kept_also_by_many_at_once,
                only_ready_files_of_ones_own_can_be_claimed,
                a_claimed_file_is_not_doomed_and_a_doomed_one_not_claimed,
                old_files_come_in_order_and_page_by_page,
                a_message_keeps_its_files_and_says_where_they_are,
                a_repeated_send_is_told_from_one_with_other_files,
                the_files_of_a_room_come_by_kind_newest_first,
                people_and_groups_have_pictures,
            ]
            moderation [
                of_many_claims_one_wins,
                a_profile_changes_field_by_field,
                a_changed_name_is_found,
                sanctions_are_listed_until_they_are_lifted,
                accounts_are_listed_by_name,
                a_report_is_closed_once,
                reports_and_audit_lines_come_newest_first,
            ]
            blocks [
                a_block_changes_something_once,
                of_many_blocks_at_once_one_changes_something,
                blocks_are_seen_by_both,
            ]
            erasure [
                leaving_is_arranged_and_taken_back,
                accounts_are_due_in_their_order_until_all_is_done,
                an_account_becomes_nobodys_when_it_is_due,
                of_staying_and_going_at_once_one_happens,
                nobody_finds_who_is_erased_and_their_names_are_free,
                an_erased_account_takes_nothing_in,
                what_is_kept_under_an_id_goes_and_that_of_others_stays,
                texts_of_an_author_come_in_pages,
                messages_with_reactions_of_somebody_come_in_pages,
                files_of_somebody_come_in_pages,
                what_somebody_reported_comes_newest_first,
                a_room_goes_with_everything_in_it,
                a_pair_may_begin_anew,
            ]
            search [
                words_are_found_in_any_script_and_any_part,
                all_terms_have_to_be_there_and_phrases_as_they_are,
                operators_and_patterns_are_data,
                only_what_the_caller_may_see_is_found,
                filters_narrow_a_search,
                pages_leave_no_gap_and_repeat_nothing,
                many_rooms_are_searched_past_what_others_write,
                an_edited_message_is_found_by_its_new_text_only,
                what_is_written_while_the_index_is_made_is_found,
                without_patience_an_answer_says_that_it_is_not_complete,
                the_longest_messages_and_terms_are_searched,
                the_links_of_a_room_come_newest_first,
                a_page_of_links_ends_somewhere,
            ]
            data [
                hostile_texts_come_back_as_they_were,
                the_longest_messages_fit,
                after_closing_every_call_fails,
            ]
        }
    };
}
pub(crate) use for_every_promise;

/// A user with this name; its keys are the name itself.
pub fn user_row(username: &str) -> UserRow {
    UserRow {
        id: UserId::new(),
        username: username.into(),
        username_key: username.into(),
        display_name: username.into(),
        email: format!("{username}@example.org"),
        email_key: format!("{username}@example.org"),
        password_hash: "$argon2id$".into(),
        created_at: NOW,
        ..UserRow::new(UserId::new(), String::new(), String::new(), String::new(), String::new())
    }
}

pub async fn user(db: &Db, username: &str) -> UserId {
    let row = user_row(username);
    db.create_user(&row).await.unwrap();
    row.id
}

pub async fn two_users(db: &Db) -> (UserId, UserId) {
    (user(db, "ana").await, user(db, "ben").await)
}

/// A direct room of two new users, whose names carry `n`.
pub async fn room_of_two(db: &Db, n: usize) -> (Room, UserId, UserId) {
    let (ana, ben) = (user(db, &format!("ana{n}")).await, user(db, &format!("ben{n}")).await);
    (db.direct_room(ana, ben, NOW).await.unwrap().0, ana, ben)
}

pub fn new_message(room_id: RoomId, author_id: UserId, text: &str) -> NewMessage {
    NewMessage { created_at: NOW, ..NewMessage::text(room_id, author_id, TxnId::new(), Body::stored(text.into())) }
}

/// An edit to this text, with nothing around it.
pub fn new_text(text: &str) -> NewText {
    NewText { body: Body::stored(text.into()), mentions: Default::default(), keeps_preview: false }
}

pub async fn append(db: &Db, new: NewMessage) -> Result<Appended, StoreError> {
    let mut outcomes = db.append(vec![new]).await;
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

/// Stores a message with this text.
pub async fn say(db: &Db, room_id: RoomId, author_id: UserId, text: &str) -> Message {
    append(db, new_message(room_id, author_id, text)).await.unwrap().message
}

/// Stores `count` messages in one batch: texts "1", "2", …
pub async fn say_many(db: &Db, room_id: RoomId, author_id: UserId, count: usize) -> Vec<Message> {
    let batch = (1..=count).map(|n| new_message(room_id, author_id, &n.to_string())).collect();
    db.append(batch).await.into_iter().map(|outcome| outcome.unwrap().message).collect()
}

pub fn seqs(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.seq).collect()
}

/// Runs `count` calls at the same time, on all threads there are.
pub async fn at_once<T, F>(count: usize, call: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks = (0..count).map(|n| tokio::spawn(call(n)));
    join_all(tasks).await.into_iter().map(|result| result.expect("a task that did not panic")).collect()
}
