//! The name of a table, which is all that these stores put into a statement.

use std::fmt;

/// The name of a table, perhaps with that of its schema. It holds nothing that any database reads as anything but a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    schema: Option<String>,
    name: String,
}

impl Default for Table {
    fn default() -> Self {
        Self { schema: None, name: "sessions".to_owned() }
    }
}

impl Table {
    /// `PostgreSQL` cuts a longer name than 63 bytes, and an index's is that of its table and a word.
    const LONGEST: usize = 48;

    /// Reads `name` or `schema.name`.
    pub(super) fn parse(text: &str) -> Result<Self, BadTable> {
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text),
        };
        if !schema.is_none_or(is_name) || !is_name(name) {
            return Err(BadTable(text.to_owned()));
        }
        Ok(Self { schema: schema.map(str::to_owned), name: name.to_owned() })
    }

    /// The table in a statement, between these quotes.
    pub(super) fn quoted(&self, quote: char) -> String {
        self.with_suffix(quote, "")
    }

    /// What has this suffix to the table's name, in its schema.
    pub(super) fn with_suffix(&self, quote: char, suffix: &str) -> String {
        let name = self.unqualified(quote, suffix);
        match &self.schema {
            Some(schema) => format!("{quote}{schema}{quote}.{name}"),
            None => name,
        }
    }

    /// The table, or what has this suffix to its name, without its schema.
    pub(super) fn unqualified(&self, quote: char, suffix: &str) -> String {
        format!("{quote}{}{suffix}{quote}", self.name)
    }
}

/// Letters of ASCII, digits and `_`, and no digit at first.
fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    text.len() <= Table::LONGEST
        && text.bytes().next().is_some_and(is_letter)
        && text.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

/// What is no name of a table.
#[derive(Debug)]
pub(super) struct BadTable(String);

impl fmt::Display for BadTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no name of a table for sessions: it takes letters, digits and `_`, {} at most and no digit first, and perhaps the name of a \
             schema and a dot before that",
            self.0,
            Table::LONGEST
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_its_indexes_are_quoted() {
        let table = Table::parse("web_sessions").expect("a name");
        assert_eq!(table.quoted('"'), "\"web_sessions\"");
        let table = Table::parse("app.sessions2").expect("a name");
        assert_eq!(table.quoted('`'), "`app`.`sessions2`");
        assert_eq!(table.unqualified('"', "_expires"), "\"sessions2_expires\"");
    }

    #[test]
    fn what_a_database_could_read_as_more_than_a_name_is_none() {
        let long = "a".repeat(49);
        for text in
            ["", ".", "a.", ".a", "a.b.c", "1a", "a b", "a;", "a\"", "a`", "a'", "a--", "a\\", "séance", "a\0", &long]
        {
            let error = Table::parse(text).expect_err(text);
            assert!(error.to_string().contains("is no name of a table"), "{error}");
        }
        assert!(Table::parse(&"a".repeat(48)).is_ok());
    }
}
