//! What every subject keeps in its sessions: eight fields, the same values for all.

use serde::Serialize;

/// The payload as one struct, to tell its size in each format.
#[derive(Serialize)]
struct Payload {
    user_id: u64,
    name: &'static str,
    roles: &'static [&'static str],
    counter: u64,
    text: &'static str,
    locale: &'static str,
    token: &'static str,
    seen_at: i64,
}

pub(crate) const USER_ID: u64 = 123_456_789;
pub(crate) const NAME: &str = "Augusta Ada of Ockham";
pub(crate) const ROLES: [&str; 3] = ["moderator", "reviewer", "verified"];
pub(crate) const COUNTER: u64 = 0;
pub(crate) const TEXT: &str = concat!(
    "The engine might compose elaborate and scientific pieces of music of any degree of complexity or extent; ",
    "it weaves algebraical patterns just as the loom weaves flowers and leaves, as she noted, twice."
);
pub(crate) const LOCALE: &str = "en-GB";
pub(crate) const TOKEN: &str = "q7Zp2Xv9Lr4Tn8Ks1Wd6Yg";
pub(crate) const SEEN_AT: i64 = 1_764_000_000;

const PAYLOAD: Payload = Payload {
    user_id: USER_ID,
    name: NAME,
    roles: &ROLES,
    counter: COUNTER,
    text: TEXT,
    locale: LOCALE,
    token: TOKEN,
    seen_at: SEEN_AT,
};

/// Bytes of the payload as JSON and as Bincode.
pub(crate) fn sizes() -> (usize, usize) {
    let json = serde_json::to_vec(&PAYLOAD).expect("plain data");
    let bincode = bincode::serde::encode_to_vec(&PAYLOAD, bincode::config::standard());
    (json.len(), bincode.expect("plain data").len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_has_the_sizes_that_earlier_figures_were_measured_with() {
        assert_eq!((NAME.len(), TEXT.len(), TOKEN.len()), (21, 200, 22));
        assert_eq!(sizes(), (389, 292));
    }
}
