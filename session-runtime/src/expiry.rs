//! When sessions end.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::record::Record;

/// Whose session it is, as far as that decides when it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Whose {
    Anonymous,
    Owned,
}

impl Whose {
    fn of(record: &Record) -> Self {
        if record.is_anonymous() { Self::Anonymous } else { Self::Owned }
    }
}

/// When sessions end: after a time without use, after a time whatever their use, or whichever comes first.
///
/// The default is what suits most sites: a cookie that the browser forgets when it closes, 24 hours without use, 30 days in all.
///
/// 1. [`Expiry::idle`] counts from the last request that used the session. It rolls: a request that loads the session extends it, but writes
///    only when more than a tenth of the idle time has passed ([`touch_after`](Self::touch_after)), so reading is nearly always free.
/// 2. [`Expiry::lifetime`] counts from the creation of the session, or from the last sign-in where its schema has a `principal`, and no use
///    extends it.
/// 3. The cookie's `Max-Age` and the store tell the same moment. No session outlives 400 days from its last extension, the most that browsers
///    grant a cookie (RFC 6265bis, section 5.5).
///
/// The limits are those of the OWASP Session Management Cheat Sheet ("idle timeout", "absolute timeout"), enforced by the server on every load.
///
/// ```
/// use session_runtime::Expiry;
/// use std::time::Duration;
///
/// let bank = Expiry::idle(Duration::from_mins(15)).max_lifetime(Duration::from_hours(12)).browser_session();
/// # let _ = bank;
/// ```
#[derive(Clone, Debug)]
#[must_use = "an expiry does nothing until a layer is built with it"]
pub struct Expiry {
    idle: Option<Duration>,
    lifetime: Option<Duration>,
    anonymous: Option<Duration>,
    touch_after: Option<Duration>,
    rotate_every: Option<Duration>,
    grace: Duration,
    persistent: bool,
}

impl Default for Expiry {
    fn default() -> Self {
        Self::idle(Duration::from_hours(24)).max_lifetime(Duration::from_hours(30 * 24)).browser_session()
    }
}

impl Expiry {
    /// The most that browsers grant a cookie: 400 days.
    pub const MAX: Duration = Duration::from_hours(400 * 24);

    /// The shortest grace of a rotation.
    pub(crate) const LEAST_GRACE: Duration = Duration::from_secs(10);

    const UNLIMITED: Self = Self {
        idle: None,
        lifetime: None,
        anonymous: None,
        touch_after: None,
        rotate_every: None,
        grace: Self::LEAST_GRACE,
        persistent: true,
    };

    /// Ends a session that was not used for `span`. Without [`max_lifetime`](Self::max_lifetime) it has no other end, and without
    /// [`browser_session`](Self::browser_session) its cookie outlives the browser's window.
    ///
    /// # Panics
    ///
    /// If `span` is less than a millisecond: no request could ever find its session.
    pub fn idle(span: Duration) -> Self {
        Self { idle: Some(checked(span, "idle")), ..Self::UNLIMITED }
    }

    /// Ends a session `span` after its creation, or after the last sign-in where its schema has a `principal`, used or not.
    ///
    /// # Panics
    ///
    /// If `span` is less than a millisecond.
    pub fn lifetime(span: Duration) -> Self {
        Self { lifetime: Some(checked(span, "lifetime")), ..Self::UNLIMITED }
    }

    /// Ends a session at the latest `span` after its creation or its last sign-in, as [`lifetime`](Self::lifetime) does, beside its idle time.
    ///
    /// # Panics
    ///
    /// If `span` is less than a millisecond.
    pub fn max_lifetime(mut self, span: Duration) -> Self {
        self.lifetime = Some(checked(span, "lifetime"));
        self
    }

    /// Ends a session without a principal earlier than others: when it was not used for `span`; without an idle time, `span` after its creation or
    /// the last sign-out. A sign-in gives it the time of the others. A `span` longer than theirs changes nothing.
    ///
    /// On many sites most sessions are those of visitors and robots: this keeps them from filling the store. With it, extending a session is a
    /// store command of its own, even in stores that otherwise extend while they load. Somebody who signed in before the schema had a `principal`
    /// counts as a visitor, too.
    ///
    /// # Panics
    ///
    /// If `span` is less than a millisecond.
    pub fn anonymous(mut self, span: Duration) -> Self {
        self.anonymous = Some(checked(span, "anonymous"));
        self
    }

    /// Sends the cookie without `Max-Age`: the browser forgets it when it closes; the store ends the session all the same.
    pub fn browser_session(mut self) -> Self {
        self.persistent = false;
        self
    }

    /// Extends an idle session only when this much of its idle time has passed (a tenth of it by default).
    ///
    /// Longer saves writes, and ends sessions that much earlier than the idle time at worst; at most half of the idle time counts.
    pub fn touch_after(mut self, span: Duration) -> Self {
        self.touch_after = Some(span);
        self
    }

    /// Renews the id of a session in use when it is older than `span`, ten seconds or more, at the end of a request that succeeds (OWASP Session
    /// Management Cheat Sheet, "Renewal Timeout"). An id that leaked is then worth little for long. A session that its cookie holds has no id,
    /// and is not renewed.
    ///
    /// The old id answers for the session for a [`rotation_grace`](Self::rotation_grace) more, so that requests on their way are not signed
    /// out. A client that never gets the answer with its new id is signed out when that ends: an hour or more is a good `span`, and no id is
    /// renewed more often than the grace lasts. An id from before a sign-in has no grace: that is for
    /// [`regenerate_id`](crate::SessionCore::regenerate_id), or a field that is the `principal`.
    pub fn rotate_every(mut self, span: Duration) -> Self {
        self.rotate_every = Some(span);
        self
    }

    /// For how long the id before a rotation still answers: 10 seconds by default, and at least, since a sign-out on its way has to find its
    /// session.
    pub fn rotation_grace(mut self, span: Duration) -> Self {
        self.grace = span.clamp(Self::LEAST_GRACE, Self::MAX);
        self
    }

    /// Whether the id of this session is to be renewed.
    #[inline]
    pub(crate) fn rotation_due(&self, record: &Record, now: Timestamp) -> bool {
        // Within the grace of one rotation comes no other: whoever holds the id before it is one step behind, never two.
        self.rotate_every.is_some_and(|span| now.saturating_since(record.id_since()) >= span.max(self.grace))
    }

    /// For how long the id before a rotation still answers.
    pub(crate) fn grace(&self) -> Duration {
        self.grace
    }

    /// Whether the cookie outlives the browser's window.
    pub(crate) fn is_persistent(&self) -> bool {
        self.persistent
    }

    /// When a session that is created `now` ends, or one that is signed in to now.
    pub(crate) fn initial(&self, now: Timestamp, whose: Whose) -> Timestamp {
        self.end(now, now, whose)
    }

    /// When a session ends that is used `now`, whatever lifetime it had of its own.
    pub(crate) fn resumed(&self, record: &Record, now: Timestamp) -> Timestamp {
        self.end(record.began(), now, Whose::of(record))
    }

    /// When a session ends that is used `now`, and is nobody's from now on; `None` where that changes nothing.
    pub(crate) fn disowned(&self, record: &Record, now: Timestamp) -> Option<Timestamp> {
        self.anonymous.map(|_| self.end(now, now, Whose::Anonymous).min(record.expires()))
    }

    fn end(&self, began: Timestamp, used: Timestamp, whose: Whose) -> Timestamp {
        let idle = used + self.idle_of(whose).unwrap_or(Self::MAX);
        self.lifetime_of(whose).map_or(idle, |lifetime| idle.min(began + lifetime))
    }

    /// How a store may extend a session while it loads it, whichever it is; `None` where use extends none, or some more than others. Where a cookie
    /// has to be sent, too, the store is asked at the end of the request, when it can say that the session still lives.
    pub(crate) fn roll_at_load(&self, now: Timestamp) -> Option<Roll> {
        if self.persistent || self.anonymous.is_some() { None } else { self.roll(now, Whose::Owned) }
    }

    /// The new end of a session that is used `now`; `None` where no extension is due.
    pub(crate) fn extension(&self, record: &Record, now: Timestamp) -> Option<Timestamp> {
        // To find whose it is, the record is scanned: only where it matters.
        let whose = if self.anonymous.is_some() { Whose::of(record) } else { Whose::Owned };
        self.roll(now, whose)?.due_for(record)
    }

    fn roll(&self, now: Timestamp, whose: Whose) -> Option<Roll> {
        let idle = self.idle_of(whose)?;
        let threshold = self.touch_after.unwrap_or(idle / 10).min(idle / 2);
        Some(Roll { now, idle, threshold, limit: self.lifetime_of(whose) })
    }

    fn idle_of(&self, whose: Whose) -> Option<Duration> {
        self.idle.map(|idle| self.shortened(idle, whose))
    }

    fn lifetime_of(&self, whose: Whose) -> Option<Duration> {
        match (self.lifetime, self.idle) {
            (Some(lifetime), None) => Some(self.shortened(lifetime, whose)),
            (lifetime, _) => lifetime,
        }
    }

    fn shortened(&self, span: Duration, whose: Whose) -> Duration {
        match (self.anonymous, whose) {
            (Some(anonymous), Whose::Anonymous) => span.min(anonymous),
            _ => span,
        }
    }

    /// When use last extended the session, as its end tells: it was used then, or later. `None` where no use extends it.
    pub(crate) fn last_extended(&self, record: &Record) -> Option<Timestamp> {
        let idle = self.idle_of(Whose::of(record)).filter(|_| record.own_lifetime().is_none())?;
        Some(record.expires().saturating_sub(idle))
    }

    /// Whether the session has ended, by what it records and by what is configured today.
    pub(crate) fn has_ended(&self, record: &Record, now: Timestamp) -> bool {
        let past = |lifetime: Option<Duration>, since| lifetime.is_some_and(|lifetime| since + lifetime <= now);
        // Looking for more than the creation is a scan of the record: only where it matters.
        let past_limit = || {
            past(self.lifetime_of(Whose::Anonymous), record.created())
                && past(self.lifetime_of(Whose::of(record)), record.began())
        };
        record.expires() <= now || (past_limit() && record.own_lifetime().is_none())
    }
}

/// The span, capped at what a browser grants.
fn checked(span: Duration, what: &str) -> Duration {
    assert!(
        span >= Duration::from_millis(1),
        "an {what} time of {span:?} would end every session before its next request"
    );
    span.min(Expiry::MAX)
}

/// How a store may extend an idle session while it loads it, which saves the round trip of a touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roll {
    /// The present.
    pub now: Timestamp,
    /// A session ends this long after its last use.
    pub idle: Duration,
    /// It is extended only if its last extension is longer ago than this.
    pub threshold: Duration,
    /// It ends at the latest this long after its creation, or after somebody signed in to it.
    pub limit: Option<Duration>,
}

impl Roll {
    /// The new end of a session that began at `began` and ends at `expires`, or `None` where no extension is due.
    pub fn due(&self, began: Timestamp, expires: Timestamp) -> Option<Timestamp> {
        let latest = self.now + self.idle;
        let extended = self.limit.map_or(latest, |limit| latest.min(began + limit));
        let due = extended > expires && latest.saturating_since(expires) > self.threshold;
        due.then_some(extended)
    }

    /// As [`due`](Self::due), for a record; a session with a lifetime of its own is never extended.
    pub fn due_for(&self, record: &Record) -> Option<Timestamp> {
        // Looking for more than its end is a scan of the record: only where it matters.
        let is_old = (self.now + self.idle).saturating_since(record.expires()) > self.threshold;
        let may_be_due = is_old && record.own_lifetime().is_none();
        if may_be_due { self.due(record.began(), record.expires()) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::default() + SECOND * u32::try_from(seconds).expect("small")
    }

    #[test]
    fn t33_activity_never_passes_the_absolute_limit() {
        let expiry = Expiry::idle(10 * SECOND).max_lifetime(15 * SECOND);
        assert_eq!(expiry.initial(at(100), Whose::Anonymous), at(110));
        let roll = expiry.roll(at(108), Whose::Anonymous).expect("an idle time");
        assert_eq!(roll.due(at(100), at(110)), Some(at(115)));
        let later = expiry.roll(at(114), Whose::Anonymous).expect("an idle time");
        assert_eq!(later.due(at(100), at(115)), None);
    }

    #[test]
    fn a_roll_is_due_only_past_the_threshold() {
        let roll = Expiry::idle(100 * SECOND).roll(at(10), Whose::Anonymous).expect("an idle time");
        assert_eq!(roll.due(at(0), at(100)), None);
        let roll = Expiry::idle(100 * SECOND).roll(at(11), Whose::Anonymous).expect("an idle time");
        assert_eq!(roll.due(at(0), at(100)), Some(at(111)));
    }

    #[test]
    fn nothing_outlives_what_a_browser_grants() {
        assert_eq!(
            Expiry::lifetime(Duration::MAX).initial(at(0), Whose::Anonymous),
            Timestamp::default() + Expiry::MAX
        );
    }

    #[test]
    #[should_panic(expected = "would end every session before its next request")]
    fn t35_a_span_of_nothing_does_not_start() {
        let _ = Expiry::idle(Duration::ZERO);
    }
}
