//! A `Set-Cookie` header, taken apart.

use super::Answer;

/// One `Set-Cookie` header.
#[derive(Debug)]
pub struct SetCookie<'a> {
    pub name: &'a str,
    pub value: &'a str,
    /// Sorted.
    pub attributes: Vec<&'a str>,
}

impl<'a> SetCookie<'a> {
    fn parse(line: &'a str) -> Self {
        let mut parts = line.split("; ");
        let pair = parts.next().and_then(|pair| pair.split_once('='));
        let (name, value) = pair.expect("a name and a value");
        let mut attributes: Vec<_> = parts.collect();
        attributes.sort_unstable();
        Self { name, value, attributes }
    }

    /// The value of `Max-Age`.
    pub fn max_age(&self) -> Option<u64> {
        let mut attributes = self.attributes.iter();
        let seconds = attributes.find_map(|attribute| attribute.strip_prefix("Max-Age="))?;
        Some(seconds.parse().expect("seconds"))
    }

    /// Whether it has this attribute, with whatever value.
    pub fn has(&self, attribute: &str) -> bool {
        let mut names = self.attributes.iter().map(|known| known.split('=').next());
        names.any(|name| name == Some(attribute))
    }
}

impl Answer {
    /// The one cookie that this answer sets.
    pub fn set_cookie(&self) -> SetCookie<'_> {
        let cookies = self.set_cookies();
        let [cookie] = cookies[..] else {
            panic!("expected one cookie, got {cookies:?}");
        };
        SetCookie::parse(cookie)
    }

    /// Whether this answer says nothing about cookies.
    pub fn sets_no_cookie(&self) -> bool {
        self.set_cookies().is_empty()
    }
}
