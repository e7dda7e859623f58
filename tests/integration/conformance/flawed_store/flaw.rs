//! The ways to be wrong: each breaks one rule, as narrowly as that can be.

macro_rules! flaws {
    ($($rule:literal { $($(#[$doc:meta])* $name:ident,)* })*) => {
        /// One way to be wrong.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Flaw {
            $($($(#[$doc])* $name,)*)*
        }

        impl Flaw {
            pub(crate) const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// The number of the rule that it breaks.
            pub(crate) fn rule(self) -> u8 {
                match self {
                    $($(Self::$name)|* => $rule,)*
                }
            }
        }
    };
}

flaws! {
    1 {
        /// An insert notes its own time as that of the creation.
        NotesItsOwnCreation,
        /// A session without fields is not stored.
        StoresNoEmptySession,
    }
    2 {
        /// Only half of a key is looked at.
        TruncatesKeys,
        /// Names that differ in their case are the same.
        FoldsNames,
        /// An empty value is none.
        LosesEmptyValues,
        /// There is room for a hundred fields.
        LimitsFields,
    }
    3 {
        /// The load of a key that was never heard of fails.
        FailsOnUnknownKeys,
        /// The remove of a key that was never heard of is done.
        RemovesWhatIsNotThere,
        TouchCreates,
        UpdateCreates,
        RenameCreates,
    }
    4 {
        /// An insert that is refused still adds the fields that are not there, as `HSETNX` does.
        RefusedInsertAddsFields,
        InsertOverwritesPointers,
        RenameOverwrites,
    }
    5 {
        /// An update raises the version by two.
        CountsTwice,
        /// An update writes only those entries of the runtime's that it knows.
        UpdateLosesUnknownEntries,
        /// An update removes the first field that it is told to.
        RemovesOneFieldAtMost,
        UpdateIgnoresOwners,
    }
    6 {
        /// An update that is refused has moved the end all the same.
        RefusedUpdateMovesTheEnd,
        RenameIgnoresTheVersion,
        /// A rename whose version must hold is refused though it does.
        RenameRefusesForGood,
    }
    7 {
        /// A lifetime counts as a field.
        CountsALifetimeAsField,
        /// Whether a rename leaves no field is decided by what the request saw.
        RenameEmptiesByItsBase,
        /// An update that leaves no field ends the session unasked.
        EndsEmptySessionsUnasked,
        RenameKeepsEmptySessions,
    }
    8 {
        RepeatedInsertIsRefused,
        RepeatedInsertWrites,
        RepeatedUpdateWrites,
    }
    9 {
        /// `Set` moves the end earlier only.
        SetOnlyShortens,
        /// A commit extends a session with a lifetime of its own.
        ExtendsOwnLifetimes,
        RenameNeverExtends,
    }
    10 {
        TouchDropsTheOwner,
        /// A touch that asks for the past ends the session.
        TouchEndsSessions,
        TouchExtendsOwnLifetimes,
        /// A rename moves the session with the end that the request saw.
        RenameUndoesTouches,
    }
    11 {
        /// A load answers an end that it does not store.
        RollIsNotStored,
        RollIgnoresTheLimit,
        RollIgnoresTheThreshold,
        RollExtendsOwnLifetimes,
    }
    12 {
        /// A session lives one millisecond too long.
        EndsLate,
        /// A session ends one millisecond too early.
        EndsEarly,
    }
    13 {
        /// A remove leaves the sessions that have an owner.
        KeepsOwnedSessions,
        /// A remove leaves a pointer to where the session was.
        RemoveLeavesAPointer,
    }
    14 {
        RenameDropsTheOwner,
        /// A rename writes only those entries of the runtime's that it knows.
        RenameLosesUnknownEntries,
    }
    15 {
        /// A load follows a rename that has no grace.
        OldKeyIsShown,
        /// A load knows nothing of a rename that has no grace.
        RenameIsForgotten,
        /// A sign-out under the old key finds nothing.
        SignOutIsLost,
        /// What a rename left stays for good.
        PointersStay,
    }
    16 {
        /// A touch under the old key finds nothing.
        TouchIsLost,
        /// What a rename left for a while stays for good.
        GraceStays,
    }
    17 {
        RepeatedRenameIsMissing,
        /// A repeated rename is done wherever the session is by then.
        RepeatedRenameIsDone,
    }
    18 {
        /// Each call reads in one step and writes in another.
        WorksInTwoSteps,
    }
    19 {
        /// The store beside it has the same rows.
        SharesItsRows,
    }
    20 {
        /// The names of owners are a pattern: all that begins so is listed.
        ListsByPrefix,
        /// Owners are the same whatever the case of their names.
        ListsWhateverTheCase,
        /// A session is listed with the version that it was inserted with.
        ListsAnOldVersion,
        /// What was ended by a call stays in the list.
        ListsWhatHasEnded,
        /// What has expired stays in the list.
        ListsWhatHasExpired,
        /// A session that was renamed is listed no more.
        ForgetsARename,
        /// A session that was renamed is listed under its old key, too.
        ListsBothKeys,
        /// Who becomes the owner of a session by an update or a rename has it not in his list.
        ForgetsANewOwner,
        /// Who was the owner of a session has it in his list for good.
        RemembersAnOldOwner,
        /// The entries of the list end by themselves, whatever extends their sessions.
        ForgetsAfterMonths,
        /// A rename takes a session from the list in one step, and adds it in another.
        ListsARenameInTwoSteps,
        /// Two who add to the list at once write over each other.
        ListsInTwoSteps,
    }
}
