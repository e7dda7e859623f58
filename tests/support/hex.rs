//! Bytes as text.

/// Two hexadecimal digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// The bytes of such text.
pub fn from_hex(text: &str) -> Vec<u8> {
    let (pairs, []) = text.as_bytes().as_chunks() else { panic!("two digits a byte") };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    pairs.iter().map(|pair| byte(pair).expect("hexadecimal digits")).collect()
}
