//! The list of all checks: which rule each is about, and where it stands.

use super::bench::Bench;
use super::report::Rule;
use super::seen::Outcome;
use super::subject::Subject;
use super::{calls, requests};
use crate::store::BoxFuture;

/// One promise of a session store, checked.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    rule: u8,
    level: Level,
    name: &'static str,
    pub(super) run: fn(Bench) -> BoxFuture<'static, Outcome>,
}

/// What a check does to see whether a promise is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Level {
    /// It makes calls to the store.
    Calls,
    /// It makes calls to the store and to the one beside it.
    Beside,
    /// It sends requests through a [`SessionLayer`](crate::SessionLayer) over the store.
    Requests,
}

impl Check {
    /// What is promised.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The rule that is broken where the check fails.
    pub fn rule(&self) -> Rule {
        Rule(self.rule)
    }

    /// What it does.
    pub fn level(&self) -> Level {
        self.level
    }

    pub(super) fn applies_to(&self, subject: &Subject) -> bool {
        self.level != Level::Beside || subject.has_beside()
    }
}

/// Every check.
pub fn checks() -> &'static [Check] {
    CHECKS
}

/// Hands the list to another macro. The number before each block is that of the rule.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_checks {
    ($($with:tt)*) => {
        $($with)*! {
            calls Calls {
                1 stored {
                    t56_what_is_inserted_is_loaded
                    t56_a_session_without_fields_is_loaded
                }
                2 bytes {
                    any_thirty_two_bytes_are_a_key
                    any_text_is_a_name
                    any_bytes_are_a_value
                    a_session_holds_a_thousand_fields
                }
                3 creating {
                    t57_a_missing_key_is_absent_and_no_error
                    t59_removing_what_is_not_there_is_no_error
                    t62_a_touch_creates_nothing
                    an_update_creates_nothing
                    a_rename_creates_nothing
                }
                4 creating {
                    t63_an_insert_overwrites_no_session
                    an_insert_overwrites_no_pointer
                    a_rename_overwrites_no_session
                }
                5 commits {
                    t61_an_update_changes_data_and_end
                    an_update_keeps_what_others_wrote
                    an_update_removes_what_it_names
                    an_owner_changes_only_where_a_commit_says_so
                }
                6 commits {
                    an_outdated_update_is_refused_with_what_is_there
                    an_outdated_rename_is_refused_with_what_is_there
                    a_commit_on_what_is_there_is_not_refused
                }
                7 emptying {
                    a_session_ends_with_its_last_field
                    a_session_that_others_filled_meanwhile_stays
                    a_session_without_fields_stays_where_nobody_ends_it
                    a_rename_that_leaves_no_field_ends_the_session
                }
                8 repeating {
                    a_repeated_insert_is_done
                    a_repeated_insert_writes_nothing_more
                    a_repeated_update_is_done_once
                    a_repeated_update_is_done_though_its_version_no_longer_holds
                }
                9 ends {
                    an_end_is_kept_extended_or_set
                    an_end_is_extended_by_a_rename
                    a_lifetime_of_its_own_is_not_extended_by_a_commit
                }
                10 ends {
                    t62_a_touch_changes_the_end_alone
                    a_touch_never_shortens
                    a_touch_is_not_undone_by_a_commit_that_was_made_before_it
                    a_lifetime_of_its_own_is_not_extended_by_a_touch
                }
                11 rolling {
                    a_roll_that_is_due_is_stored_or_left
                    a_roll_stops_at_the_limit
                    a_roll_that_is_not_due_changes_nothing
                    a_lifetime_of_its_own_is_not_rolled
                }
                12 expiring {
                    t60_a_session_is_there_until_the_millisecond_of_its_end
                    no_call_finds_an_expired_session
                    an_expired_session_makes_way_for_an_insert
                    an_extended_session_lives_to_its_new_end
                    a_shortened_session_ends_at_its_new_end
                }
                13 removing {
                    t58_a_removed_session_is_absent
                    t59_a_second_remove_is_missing
                    nothing_but_an_insert_follows_a_remove
                }
                14 renaming {
                    a_rename_moves_the_whole_session
                    a_rename_moves_what_others_wrote
                }
                15 renaming {
                    without_grace_the_old_key_is_dead_at_once
                    without_grace_a_sign_out_finds_the_session
                    without_grace_a_sign_out_finds_the_way_over_several_renames
                    without_grace_the_way_is_forgotten_in_the_end
                }
                16 grace {
                    with_grace_every_call_is_shown_the_way
                    with_grace_every_call_reaches_the_session
                    with_grace_the_way_is_shown_until_the_millisecond_of_its_end
                }
                17 repeating {
                    a_repeated_rename_is_done_once
                    a_repeated_rename_is_done_after_three_other_commits
                    a_repeated_rename_of_a_session_that_ended_is_missing
                    a_repeated_rename_of_a_session_that_went_on_is_not_done
                }
                18 races {
                    sixty_four_updates_of_different_fields_all_survive
                    sixty_four_additions_make_sixty_four
                    of_many_inserts_one_is_done
                    of_many_removes_one_is_done
                    of_many_renames_one_is_done
                    an_update_never_revives_what_is_removed_meanwhile
                    a_touch_never_revives_what_is_removed_meanwhile
                    an_update_is_in_the_renamed_session_or_nowhere
                    a_session_never_ends_with_a_field_that_was_stored
                    racing_extensions_end_at_the_latest
                }
                20 owning {
                    t68_all_sessions_of_an_owner_are_found_and_no_others
                    t68_what_is_found_is_what_is_stored
                    t68_what_has_ended_is_not_found
                    t68_a_renamed_session_is_found_under_its_new_key
                    t68_a_session_goes_from_owner_to_owner
                    t68_a_session_that_is_used_for_years_stays_found
                    t68_no_listing_misses_a_session_that_is_being_renamed
                    t68_of_many_sign_ins_and_sign_outs_all_are_told
                }
            }
            calls Beside {
                19 apart {
                    t67_stores_that_are_told_apart_share_nothing
                }
            }
            requests Requests {
                3 endings {
                    t39_a_planted_id_is_never_adopted
                }
                5 crossing {
                    t41_what_is_written_beside_a_slow_reader_survives
                    t42_two_writers_of_different_fields_both_survive
                }
                6 crossing {
                    t42_what_many_add_to_one_field_adds_up
                }
                12 endings {
                    t36_a_kept_cookie_is_worth_nothing_after_the_end
                }
                13 crossing {
                    t40_a_slow_reader_revives_nothing
                }
                15 renewing {
                    t38_a_new_id_keeps_the_data_and_kills_the_old_one
                    t43_nothing_is_written_under_an_id_that_was_renewed_at_a_sign_in
                }
                16 renewing {
                    t43_a_rotation_signs_out_nobody_within_its_grace
                }
            }
        }
    };
}

/// The tests of a store that has none beside it.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_alone {
    (calls Calls $calls:tt calls Beside $beside:tt requests Requests $requests:tt) => {
        $crate::__conformance_tests!($calls $requests);
    };
}

/// The tests of a store with another beside it.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_beside {
    (calls Calls $calls:tt calls Beside $beside:tt requests Requests $requests:tt) => {
        $crate::__conformance_tests!($calls $beside $requests);
    };
}

/// A test for each check.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ($({ $($rule:literal $module:ident { $($name:ident)* })* })*) => {
        $($($(
            #[test]
            fn $name() {
                $crate::conformance::keeps(&subject(), stringify!($name));
            }
        )*)*)*
    };
}

/// The list as values.
macro_rules! table {
    ($($list:ident $level:ident { $($rule:literal $module:ident { $($name:ident)* })* })*) => {
        const CHECKS: &[Check] = &[$($($(
            Check {
                rule: $rule,
                level: Level::$level,
                name: stringify!($name),
                run: |bench| Box::pin($list::$module::$name(bench)),
            },
        )*)*)*];
    };
}

crate::__conformance_checks!(table);
