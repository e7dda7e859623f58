#![deny(warnings)]

use session_runtime::{Bincode, Json, MessagePack, Session, SessionHandle};

#[derive(serde::Serialize, serde::Deserialize, Clone, Copy, PartialEq, Debug)]
enum Theme {
    Light,
    Dark,
}

#[derive(Session)]
#[session(serializer = MessagePack, namespace = "settings", name = "Settings")]
#[session(rename_all = "camelCase", crate = session_runtime)]
struct SettingsSchema {
    #[session(default = Theme::Light, copy)]
    theme: Theme,
    #[session(default = Self::COLUMNS, serializer = Bincode, on_mismatch = "reject")]
    column_count: u8,
    #[session(rename = "n", accessor = "label", on_mismatch = "default")]
    name: String,
    #[session(serializer = Json)]
    last_page: Option<String>,
    #[session(copy)]
    former_theme: Option<Theme>,
    #[session(principal)]
    owner: Option<u64>,
    #[session(merge = sum)]
    visits: u32,
    #[session(merge = self::union)]
    #[session(serializer = Bincode)]
    pages: Vec<String>,
    #[session(merge = max)]
    longest_stay: Option<u64>,
    #[session(skip)]
    cache: Option<Vec<u8>>,
}

/// A function of one's own that has the name of a merge.
fn union(_: &Vec<String>, theirs: Vec<String>, _: Vec<String>) -> Vec<String> {
    theirs
}

impl SettingsSchema {
    const COLUMNS: u8 = 3;
}

fn main() {
    let mut settings: Settings = SessionHandle::detached().get::<SettingsSchema>().unwrap();
    assert_eq!((settings.theme(), settings.column_count()), (Theme::Light, 3));
    settings.set_theme(Theme::Dark);
    settings.set_former_theme(Theme::Light);
    settings.set_column_count(4);
    settings.set_label("a");
    settings.set_last_page("home");
    let names = ["theme", "columnCount", "n", "lastPage", "formerTheme"];
    assert_eq!(settings.changed_fields(), names.map(|name| format!("settings.{name}")));
    assert_eq!(settings.former_theme(), Some(Theme::Light));
    assert!(settings.snapshot().cache.is_none());
}
