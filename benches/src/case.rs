//! The requests that are measured.

/// One kind of request, sent to every subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// The layer is on; the handler never asks for the session.
    Untouched,
    /// The handler reads one value of an existing session.
    Read,
    /// The handler adds one to the counter of an existing session.
    AddOne,
    /// The handler fills every field of a new session.
    Create,
}

impl Case {
    pub(crate) const ALL: [Case; 4] = [Case::Untouched, Case::Read, Case::AddOne, Case::Create];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Case::Untouched => "untouched",
            Case::Read => "read",
            Case::AddOne => "add-one",
            Case::Create => "create",
        }
    }

    pub(crate) fn by_name(name: &str) -> Option<Case> {
        Case::ALL.into_iter().find(|case| case.name() == name)
    }

    pub(crate) fn path(self) -> &'static str {
        match self {
            Case::Untouched => "/untouched",
            Case::Read => "/read",
            Case::AddOne => "/add-one",
            Case::Create => "/create",
        }
    }

    /// A visitor without a session sends none; everyone else sends it with every request, whether the handler asks or not.
    pub(crate) fn sends_cookie(self) -> bool {
        self != Case::Create
    }
}
