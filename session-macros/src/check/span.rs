//! Reads a span of time as people write it.

/// The milliseconds of `90s`, `10m`, `1h30m`, `7d`: whole numbers, each with its unit, larger units first.
pub(super) fn millis(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("ms", 1), ("m", 60_000), ("s", 1000)];
    let mut rest = text;
    let mut total = 0_u64;
    let mut last = u64::MAX;
    while !rest.is_empty() || last == u64::MAX {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().ok()?;
        let (unit, millis) = *UNITS.iter().find(|(unit, _)| rest[digits..].starts_with(unit))?;
        if millis >= last {
            return None;
        }
        total = total.checked_add(number.checked_mul(millis)?)?;
        last = millis;
        rest = &rest[digits + unit.len()..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_whole_numbers_with_their_units() {
        assert_eq!(millis("10m"), Some(600_000));
        assert_eq!(millis("90s"), Some(90_000));
        assert_eq!(millis("250ms"), Some(250));
        assert_eq!(millis("1h30m"), Some(5_400_000));
        assert_eq!(millis("1d2h3m4s5ms"), Some(93_784_005));
        for text in ["", "10", "m", "10 m", "1.5h", "-1s", "30m1h", "1m1m", "10min", "1y", "999999999999999999d"] {
            assert_eq!(millis(text), None, "{text}");
        }
    }
}
