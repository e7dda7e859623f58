//! What `CLUSTER SLOTS` answers.

use redis::Value;
use redis::cluster_routing::Slot;

use super::Address;

/// Slots in a row, and their master.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    first: u16,
    last: u16,
    pub(super) master: Address,
}

/// Each slot, with the index of its range.
pub(super) fn each(ranges: &[Range]) -> impl Iterator<Item = (Slot, usize)> {
    let slots = |range: &Range| (range.first..=range.last).filter_map(Slot::new);
    ranges.iter().enumerate().flat_map(move |(index, range)| slots(range).map(move |slot| (slot, index)))
}

/// Per range its first and last slot, its master, its replicas; a node is its host, its port, and more. No host means that of the node which
/// answered, and `?` that nobody knows it: such a range is left out.
pub(super) fn read(answer: Value, host: &str) -> Vec<Range> {
    let Value::Array(ranges) = answer else { return Vec::new() };
    let mut ranges: Vec<_> = ranges.into_iter().filter_map(|value| range(value, host)).collect();
    ranges.sort_unstable_by_key(|range| range.first);
    ranges
}

fn range(value: Value, answering: &str) -> Option<Range> {
    let Value::Array(parts) = value else { return None };
    let mut parts = parts.into_iter();
    let (Value::Int(first), Value::Int(last), Value::Array(master)) = (parts.next()?, parts.next()?, parts.next()?)
    else {
        return None;
    };
    let mut master = master.into_iter();
    let (host, Value::Int(port)) = (master.next()?, master.next()?) else { return None };
    let host = match host {
        Value::BulkString(host) if !host.is_empty() => String::from_utf8(host).ok()?,
        Value::BulkString(_) | Value::Nil => answering.to_owned(),
        _ => return None,
    };
    let master = (host, u16::try_from(port).ok()?);
    let range = Range { first: u16::try_from(first).ok()?, last: u16::try_from(last).ok()?, master };
    (range.master.0 != "?").then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_with_its_master_and_left_out_where_nobody_knows_that() {
        let text = |text: &str| Value::BulkString(text.into());
        let node = |host: Value, port| Value::Array(vec![host, Value::Int(port), text("id")]);
        let range = |first, last, master| {
            Value::Array(vec![Value::Int(first), Value::Int(last), master, node(text("replica"), 7)])
        };
        let answer = Value::Array(vec![
            range(0, 5460, node(text("10.0.0.1"), 6379)),
            range(5461, 10922, node(Value::Nil, 6380)),
            range(10923, 16383, node(text("?"), 6379)),
            Value::Int(1),
        ]);
        let ranges = read(answer, "asked");
        let range = |first, last, host: &str, port| Range { first, last, master: (host.to_owned(), port) };
        assert_eq!(ranges, [range(0, 5460, "10.0.0.1", 6379), range(5461, 10922, "asked", 6380)]);
        assert_eq!(each(&ranges).count(), 10923);
    }
}
