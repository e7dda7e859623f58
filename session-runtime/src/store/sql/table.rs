//! The name of a table, which is all that these stores put into a statement.

use std::fmt;

/// The name of a table, perhaps with that of its schema. It holds nothing that any database reads as anything but a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Table {
    schema: Option<String>,
    name: String,
}

impl Default for Table {
    fn default() -> Self {
        Self { schema: None, name: "sessions".to_owned() }
    }
}

impl Table {
    /// PostgreSQL cuts a longer name than 63 bytes, and an index's is that of its table and a word.
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

    /// The template of a statement with this table's names in it, between such quotes: `{table}` is the table, `{name}` the table without its
    /// schema, and `{name_…}` that with a suffix; `{qualified_name_…}` is in the table's schema, too.
    pub(super) fn named(&self, template: &str, quote: char) -> String {
        let name = &self.name;
        let schema = self.schema.as_ref().map(|schema| format!("{quote}{schema}{quote}.")).unwrap_or_default();
        let mut sql = template.replace("{table}", &format!("{schema}{quote}{name}{quote}"));
        for suffix in ["", "_expires_idx", "_principal_idx"] {
            let suffixed = format!("{quote}{name}{suffix}{quote}");
            sql = sql.replace(&format!("{{qualified_name{suffix}}}"), &format!("{schema}{suffixed}"));
            sql = sql.replace(&format!("{{name{suffix}}}"), &suffixed);
        }
        sql
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
            "{:?} is no name of a table for sessions: it takes ASCII letters, digits and `_`, {} at most and no digit first, and perhaps the name of a \
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
        let template = "{table} {name} {name_expires_idx} {qualified_name_principal_idx}";
        let table = Table::parse("web2").expect("a name");
        assert_eq!(table.named(template, '"'), r#""web2" "web2" "web2_expires_idx" "web2_principal_idx""#);
        let table = Table::parse("app.web2").expect("a name");
        assert_eq!(table.named(template, '`'), "`app`.`web2` `web2` `web2_expires_idx` `app`.`web2_principal_idx`");
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
