//! The real side: two schemas of one session, driven by numbers.

use std::pin::Pin;

use serde::{Deserialize, Serialize};
use session_runtime::{MessagePack, Schema, Session, SessionHandle};
use session_tests::load;

use super::Op;

/// The names of the fields, which both schemas have.
pub(super) const FIELDS: [&str; 5] = ["number", "text", "bytes", "place", "mood"];

/// The namespaces of the schemas.
pub(super) const NAMESPACES: [&str; 2] = ["shop", "user"];

#[derive(Session)]
#[session(namespace = "shop")]
struct Shop {
    number: u32,
    text: Option<String>,
    bytes: Vec<u8>,
    place: Place,
    mood: Mood,
}

#[derive(Session)]
#[session(namespace = "user", serializer = MessagePack)]
struct User {
    #[session(default = 2)]
    number: u32,
    text: Option<String>,
    bytes: Vec<u8>,
    place: Place,
    mood: Mood,
}

#[derive(Serialize, Deserialize, Default, Clone)]
struct Place {
    city: String,
    floors: Vec<u8>,
}

#[derive(Serialize, Deserialize, Default, Clone, Copy)]
enum Mood {
    #[default]
    Calm,
    Rating(u8),
    Mixed {
        parts: u8,
    },
}

fn text(value: u8) -> String {
    "x".repeat(value.into())
}

fn place(value: u8) -> Place {
    Place { city: text(value), floors: vec![9; value.into()] }
}

fn mood(value: u8) -> Mood {
    match value {
        0 => Mood::Calm,
        1 => Mood::Rating(1),
        parts => Mood::Mixed { parts },
    }
}

fn mood_value(mood: Mood) -> u8 {
    match mood {
        Mood::Calm => 0,
        Mood::Rating(value) | Mood::Mixed { parts: value } => value,
    }
}

/// A typed session whose fields are numbers.
trait View: Send + Sync {
    fn set(&mut self, field: usize, value: u8);
    fn mutate(&mut self, field: usize, value: u8);
    fn lend(&mut self, field: usize);
    /// Everything that a handler can read.
    fn show(&self) -> String;
    fn act(&mut self, op: Op) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

macro_rules! view {
    ($schema:ident) => {
        impl View for Session<$schema> {
            fn set(&mut self, field: usize, value: u8) {
                match field {
                    0 => self.set_number(value.into()),
                    1 => self.set_text(text(value)),
                    2 => self.set_bytes(vec![7; value.into()]),
                    3 => self.set_place(place(value)),
                    _ => self.set_mood(mood(value)),
                }
            }

            fn mutate(&mut self, field: usize, value: u8) {
                match field {
                    0 => *self.number_mut() = value.into(),
                    1 => *self.text_mut() = Some(text(value)),
                    2 => self.bytes_mut().resize(value.into(), 7),
                    3 => {
                        let lent = self.place_mut();
                        lent.city = text(value);
                        lent.floors.resize(value.into(), 9);
                    }
                    _ => *self.mood_mut() = mood(value),
                }
            }

            fn lend(&mut self, field: usize) {
                match field {
                    0 => drop(self.number_mut().to_owned()),
                    1 => drop(self.text_mut().as_mut()),
                    2 => self.bytes_mut().reserve(100),
                    3 => self.place_mut().floors.extend([0; 0]),
                    _ => drop(*self.mood_mut()),
                }
            }

            fn show(&self) -> String {
                let $schema { number, text, bytes, place, mood } = self.snapshot();
                assert_eq!((number, &text), (self.number(), &self.text().cloned()));
                assert_eq!(&bytes, self.bytes());
                assert_eq!(place.floors, self.place().floors);
                format!(
                    "{number} {:?} {} {} {} changed {:?} modified {} stored {}",
                    text.map(|text| text.len()),
                    bytes.len(),
                    place.city.len(),
                    mood_value(mood),
                    self.changed_fields(),
                    self.is_modified(),
                    self.id().is_some(),
                )
            }

            fn act(&mut self, op: Op) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
                Box::pin(async move {
                    match op {
                        Op::Set(field, value) => self.set(field, value),
                        Op::Mutate(field, value) => self.mutate(field, value),
                        Op::Lend(field) => self.lend(field),
                        Op::Take => drop(self.take_text()),
                        Op::ClearField => self.clear_text(),
                        Op::Replace(value) => self.replace($schema {
                            number: value.into(),
                            text: None,
                            bytes: vec![7; value.into()],
                            place: place(value),
                            mood: mood(value),
                        }),
                        Op::Clear => self.clear(),
                        Op::Discard => self.discard(),
                        Op::Destroy => self.destroy(),
                        Op::Regenerate => self.regenerate_id(),
                        Op::Save => self.save().await.expect("saved"),
                        Op::Reload => self.reload().await.expect("reloaded"),
                        Op::Drop => unreachable!("the driver drops"),
                    }
                })
            }
        }
    };
}

view!(Shop);
view!(User);

/// The views that a request holds.
pub(super) struct Views {
    handle: SessionHandle,
    held: [Option<Box<dyn View>>; 2],
}

impl Views {
    pub(super) fn new(handle: SessionHandle) -> Self {
        Self { handle, held: [None, None] }
    }

    /// Does it, and says what the view shows then.
    pub(super) async fn step(&mut self, view: usize, op: Op) -> String {
        if self.held[view].is_none() {
            self.held[view] = Some(match view {
                0 => self.open::<Shop>().await,
                _ => self.open::<User>().await,
            });
        }
        if let Op::Drop = op {
            self.held[view] = None;
            return "dropped".to_owned();
        }
        let held = self.held[view].as_mut().expect("opened above");
        held.act(op).await;
        held.show()
    }

    async fn open<T: Schema>(&self) -> Box<dyn View>
    where
        Session<T>: View,
    {
        Box::new(load::<T>(&self.handle).await)
    }
}
