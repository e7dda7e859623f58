//! Whose session it is: a name, by which the sessions of one principal are found.

use std::fmt::Display;
use std::sync::Arc;

use crate::error::EncodeError;

/// What the principal of a session must be; every type with `Display` is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the principal of a session",
    label = "not `std::fmt::Display`",
    note = "sessions are found by the text of their principal: take a type with `Display`, whose text never changes"
)]
pub trait Principal: Display {}

#[diagnostic::do_not_recommend]
impl<T: Display> Principal for T {}

/// The longest name, in bytes.
const LONGEST: usize = 1024;

/// The name of a principal, as stores keep it.
///
/// # Errors
///
/// If it is empty, or no store could keep it.
pub(crate) fn name(principal: &dyn Display) -> Result<Arc<str>, EncodeError> {
    let name = principal.to_string();
    let mistake = match name.len() {
        0 => "the text of a principal is empty: nobody is `None`".to_owned(),
        length if length > LONGEST => format!("the text of a principal has {length} bytes, at most {LONGEST} are kept"),
        _ if name.contains('\0') => "the text of a principal holds a NUL, which databases do not keep".to_owned(),
        _ => return Ok(name.into()),
    };
    Err(EncodeError::new(mistake))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_every_store_can_keep() {
        assert_eq!(&*name(&7_u64).expect("a name"), "7");
        assert_eq!(name(&"é".repeat(LONGEST / 2)).expect("a name").len(), LONGEST);
        for bad in [String::new(), "a".repeat(LONGEST + 1), "a\0b".to_owned()] {
            assert!(name(&bad).is_err(), "{bad:?}");
        }
    }
}
