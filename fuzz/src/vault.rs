//! An application with a field in each envelope, whose only session is put into the store as a test likes.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use session_runtime::backend::Origin;
use session_runtime::record::Record;
use session_runtime::store::Loaded;
use session_runtime::{MemoryStore, Session, SessionHandle, SessionId, SessionLayer, SessionStore as _};
use tower::{Layer as _, Service as _, service_fn};

use crate::site::{NOW, PLANTED, at_once, clock, cookie};
use crate::{envelopes, memory, tokens};

#[derive(Session)]
struct Account {
    plain: Option<u32>,
    #[session(ttl = "10m")]
    timed: Option<u32>,
    #[session(sealed)]
    sealed: Option<u32>,
    #[session(sealed, ttl = "10m")]
    both: Option<u32>,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) is_sealed: bool,
    pub(crate) is_timed: bool,
}

/// All of them, in their order.
pub(crate) const FIELDS: [Field; 4] = [
    Field { name: "plain", is_sealed: false, is_timed: false },
    Field { name: "timed", is_sealed: false, is_timed: true },
    Field { name: "sealed", is_sealed: true, is_timed: false },
    Field { name: "both", is_sealed: true, is_timed: true },
];

/// What each field reads as: nothing is the default of all.
pub(crate) type Seen = [Option<u32>; FIELDS.len()];

/// What a field is set to.
const SET: u32 = 8;
const TTL: Duration = Duration::from_mins(10);

/// The application.
pub(crate) struct Vault {
    store: MemoryStore,
    layer: SessionLayer,
    id: SessionId,
}

impl Vault {
    pub(crate) fn new() -> Self {
        let store = MemoryStore::new().clock(clock());
        let layer = SessionLayer::new(store.clone()).clock(clock()).keys(tokens::key());
        Self { store, layer, id: SessionId::parse(PLANTED.as_bytes()).expect("an id") }
    }

    /// Any record is read as the documentation says, stays as it is until a field is set, and then differs in this one alone.
    pub(crate) fn holds(&self, record: &Record, set: usize) {
        self.plant(record);
        let mut expected = read(record);
        let in_proportion = 64 * record.buffer().len() + (1 << 16);
        assert_eq!(memory::within(in_proportion, || self.visit(None)), expected);
        assert_eq!(self.stored().buffer(), record.buffer(), "what was only read");

        expected[set] = Some(SET);
        self.visit(Some(set));
        let written = self.stored();
        for (index, field) in FIELDS.into_iter().enumerate() {
            if index == set {
                assert_written(&written, field);
            } else {
                assert_eq!(written.get(field.name), record.get(field.name), "{field:?}");
            }
        }
        assert_eq!(self.visit(None), expected);
    }

    fn plant(&self, record: &Record) {
        let key = self.id.store_key();
        at_once(self.store.remove(&key)).expect("an answer");
        at_once(self.store.insert(&key, record)).expect("an answer");
    }

    fn stored(&self) -> Record {
        match at_once(self.store.load(&self.id.store_key(), None)) {
            Ok(Some(Loaded::Record { record, .. })) => record,
            other => panic!("the session is gone: {other:?}"),
        }
    }

    /// A request that sets this field, or reads all of them: what it reads.
    fn visit(&self, set: Option<usize>) -> Seen {
        let mut request = Request::new(set);
        request.headers_mut().extend(cookie(PLANTED.as_bytes()).map(|cookie| (COOKIE, cookie)));
        let Ok(response) = at_once(self.layer.layer(service_fn(handle)).call(request));
        assert_eq!((response.status(), response.headers().get(SET_COOKIE)), (StatusCode::OK, None));
        *response.extensions().get().expect("what the handler saw")
    }
}

/// What each field of this record reads as, by the documentation.
pub(crate) fn read(record: &Record) -> Seen {
    FIELDS.map(|field| envelopes::number(record, field.name, field.is_sealed))
}

/// The field is stored in its own envelope, with all of its time ahead.
fn assert_written(record: &Record, field: Field) {
    assert_eq!(envelopes::number(record, field.name, field.is_sealed), Some(SET), "{field:?}");
    let contents = envelopes::contents(record, field.name, field.is_sealed);
    let value = SET.to_string().into_bytes();
    let end = (NOW + TTL).as_millis();
    assert_eq!(contents, Some(if field.is_timed { envelopes::timed(end, &value) } else { value }), "{field:?}");
}

async fn handle(request: Request<Option<usize>>) -> Result<Response<Bytes>, Infallible> {
    let handle: &SessionHandle = request.extensions().get().expect("the layer's handle");
    let mut account = handle.load::<Account>().await.expect("a store that always answers");
    assert_eq!(account.origin(), Origin::Loaded);
    let mut seen = Seen::default();
    match request.body() {
        Some(0) => account.set_plain(SET),
        Some(1) => account.set_timed(SET),
        Some(2) => account.set_sealed(SET),
        Some(_) => account.set_both(SET),
        None => seen = [account.plain(), account.timed(), account.sealed(), account.both()],
    }
    let mut response = Response::default();
    response.extensions_mut().insert(seen);
    Ok(response)
}
