//! What every example does the same way.

use std::env;
use std::io;

use tokio::net::TcpListener;

/// Listens on port 3000 of this machine, or on `PORT`, and prints the address. From then on the terminal shows what goes wrong.
///
/// # Errors
///
/// Where `PORT` is no port, or is taken.
pub async fn listen() -> io::Result<TcpListener> {
    // Sessions tell of trouble by `tracing` events, which go unseen where nobody subscribes to them.
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let port = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "PORT is no port number"))?,
        Err(_) => 3000,
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://localhost:{}", listener.local_addr()?.port());
    Ok(listener)
}

/// A stranger's text as text in HTML, between tags or between the quotes of an attribute.
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(character),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_escaped_is_a_tag_or_ends_an_attribute() {
        assert_eq!(
            escaped(r#"<b title="x" id='y'>&amp;</b>"#),
            "&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/b&gt;"
        );
        assert_eq!(escaped("Firefox on Linux, é ✓"), "Firefox on Linux, é ✓");
    }
}
