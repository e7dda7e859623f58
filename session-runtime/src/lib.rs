#![doc = include_str!("../README.md")]

pub mod backend;
mod clock;
mod core;
mod envelope;
mod error;
mod event;
mod expiry;
mod field;
mod handle;
mod id;
mod merge;
mod pause;
mod principal;
pub mod record;
mod schema;
mod seal;
mod serializer;
mod state;
pub mod store;
mod timeout;

mod cookie_store;
mod registry;

mod cookie;
mod future;
mod layer;
mod service;

#[cfg(feature = "axum")]
mod axum;
#[cfg(not(feature = "axum"))]
mod no_axum;

#[cfg(feature = "conformance")]
pub mod conformance;

#[doc = include_str!("../docs/guarantees.md")]
pub mod guide {
    #[doc = include_str!("../docs/threats.md")]
    pub mod threats {}
}

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use session_macros::{Session, session};

#[cfg(feature = "axum")]
pub use crate::axum::Rejection;
#[doc(inline)]
pub use crate::backend::{Evict, Origin};
pub use crate::clock::{Clock, Timestamp};
pub use crate::cookie::{SameSite, SessionCookie};
pub use crate::cookie_store::CookieStore;
pub use crate::core::{Metadata, SessionCore};
pub use crate::error::{SessionError, StoreError};
pub use crate::event::{Event, EventKind};
pub use crate::expiry::{Expiry, Roll};
pub use crate::future::ResponseFuture;
pub use crate::handle::SessionHandle;
pub use crate::id::{SessionId, StoreKey};
pub use crate::layer::{Autoload, SessionLayer};
pub use crate::registry::{Except, SessionEntry, SessionRegistry};
pub use crate::schema::{Schema, Session, TypedSession};
pub use crate::seal::{Key, KeyError, KeyId, KeyRing};
#[cfg(feature = "bincode")]
pub use crate::serializer::Bincode;
#[cfg(feature = "json")]
pub use crate::serializer::Json;
#[cfg(feature = "message_pack")]
pub use crate::serializer::MessagePack;
pub use crate::serializer::{DecodeError, EncodeError, Serializer, Tag};
pub use crate::service::SessionService;
#[cfg(feature = "memory")]
#[doc(inline)]
pub use crate::store::MemoryStore;
#[cfg(feature = "mysql")]
#[doc(inline)]
pub use crate::store::MySqlStore;
#[cfg(feature = "postgres")]
#[doc(inline)]
pub use crate::store::PostgresStore;
#[doc(inline)]
pub use crate::store::SessionStore;
#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use crate::store::SqliteStore;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
#[doc(inline)]
pub use crate::store::{Reaper, SqlDatabase, SqlStore};
#[cfg(feature = "redis")]
#[doc(inline)]
pub use crate::store::{RedisConnection, RedisStore};
