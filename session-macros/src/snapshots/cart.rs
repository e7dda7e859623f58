#[allow(clippy::option_option)]
#[allow(deprecated)]
/// The typed session of [`Cart`].
pub(crate) struct CartInUse(
    web::session::__private::SessionCore,
    web::session::__private::Field<String>,
    web::session::__private::Field<u8>,
    web::session::__private::Field<u64>,
    web::session::__private::Field<Option<UserId>>,
    web::session::__private::Field<Option<Kind>>,
    web::session::__private::Field<Option<BuyerId>>,
);
#[allow(clippy::option_option)]
#[allow(deprecated)]
const _: () = {
    use web::session::__private as __p;
    impl CartInUse {
        /// Reads `first_item`.
        #[must_use]
        pub fn first_item(&self) -> &String {
            self.1.get(&self.0)
        }
        /// Lends `first_item` to change it in place.
        #[must_use]
        pub fn first_item_mut(&mut self) -> &mut String {
            self.1.get_mut(&self.0)
        }
        /// Sets `first_item`.
        pub fn set_first_item(&mut self, value: impl __p::Into<String>) {
            self.1.set(__p::Into::into(value));
        }
        /// Reads `limit`.
        #[must_use]
        fn limit(&self) -> u8 {
            __p::copied(self.2.get(&self.0))
        }
        /// Lends `limit` to change it in place.
        #[must_use]
        fn limit_mut(&mut self) -> &mut u8 {
            self.2.get_mut(&self.0)
        }
        /// Sets `limit`.
        fn set_limit(&mut self, value: u8) {
            self.2.set(value);
        }
        /// Reads `items`.
        #[must_use]
        fn count(&self) -> u64 {
            __p::copied(self.3.get(&self.0))
        }
        /// Lends `items` to change it in place.
        #[must_use]
        fn count_mut(&mut self) -> &mut u64 {
            self.3.get_mut(&self.0)
        }
        /// Sets `items`.
        fn set_count(&mut self, value: u64) {
            self.3.set(value);
        }
        /// Reads `owner`.
        #[must_use]
        fn owner(&self) -> Option<UserId> {
            __p::copied(self.4.get(&self.0))
        }
        /// Lends `owner` to change it in place.
        #[must_use]
        fn owner_mut(&mut self) -> &mut Option<UserId> {
            self.4.get_mut(&self.0)
        }
        /// Sets `owner`; `clear_…` makes it `None`, and `*…_mut() = …` takes an `Option`.
        fn set_owner(&mut self, value: UserId) {
            self.4.set(__p::Option::Some(value));
        }
        /// Takes `owner` out and leaves `None`.
        fn take_owner(&mut self) -> Option<UserId> {
            self.4.take(&self.0)
        }
        /// Sets `owner` to `None`.
        fn clear_owner(&mut self) {
            self.4.set(__p::Option::None);
        }
        /// Reads `type`.
        #[deprecated]
        #[must_use]
        fn r#type(&self) -> __p::Option<&Kind> {
            self.5.get(&self.0).as_ref()
        }
        /// Lends `type` to change it in place.
        #[deprecated]
        #[must_use]
        fn type_mut(&mut self) -> &mut Option<Kind> {
            self.5.get_mut(&self.0)
        }
        /// Sets `type`; `clear_…` makes it `None`, and `*…_mut() = …` takes an `Option`.
        #[deprecated]
        fn set_type(&mut self, value: impl __p::Into<Kind>) {
            self.5.set(__p::Option::Some(__p::Into::into(value)));
        }
        /// Takes `type` out and leaves `None`.
        #[deprecated]
        fn take_type(&mut self) -> Option<Kind> {
            self.5.take(&self.0)
        }
        /// Sets `type` to `None`.
        #[deprecated]
        fn clear_type(&mut self) {
            self.5.set(__p::Option::None);
        }
        /// Reads `buyer`.
        #[must_use]
        fn buyer(&self) -> Option<BuyerId> {
            __p::copied(self.6.get(&self.0))
        }
        /// Lends `buyer` to change it in place.
        #[must_use]
        fn buyer_mut(&mut self) -> &mut Option<BuyerId> {
            self.6.get_mut(&self.0)
        }
        /// Sets `buyer`; `clear_…` makes it `None`, and `*…_mut() = …` takes an `Option`.
        fn set_buyer(&mut self, value: BuyerId) {
            self.6.set(__p::Option::Some(value));
        }
        /// Takes `buyer` out and leaves `None`.
        fn take_buyer(&mut self) -> Option<BuyerId> {
            self.6.take(&self.0)
        }
        /// Sets `buyer` to `None`.
        fn clear_buyer(&mut self) {
            self.6.set(__p::Option::None);
        }
        /// Whether this request changed a field.
        #[must_use]
        pub(crate) fn is_modified(&self) -> __p::bool {
            __p::TypedSession::is_modified(self)
        }
        /// The stored names of the fields that this request changed.
        #[must_use]
        pub(crate) fn changed_fields(&self) -> __p::Vec<&'static __p::str> {
            __p::TypedSession::changed_fields(self)
        }
        /// Forgets what this session changed and has not saved.
        pub(crate) fn discard(&mut self) {
            __p::TypedSession::discard(self);
        }
        /// Sets every field of this schema back to its default; the session ends if no other schema has one left.
        pub(crate) fn clear(&mut self) {
            __p::TypedSession::clear(self);
        }
        /// Ends the session, whatever else it holds: a sign-out. What is set afterwards begins a new one.
        pub(crate) fn destroy(&mut self) {
            __p::TypedSession::destroy(self);
        }
        /// Writes the changes now, not at the end of the request.
        ///
        /// # Errors
        /// If a value cannot be serialized, the store fails, others keep committing, or the response's head has left and a
        /// cookie would be needed.
        pub(crate) async fn save(&mut self) -> __p::Result<()> {
            __p::TypedSession::save(self).await
        }
        /// Loads the session again, and forgets the changes of this request.
        ///
        /// # Errors
        /// If the store fails.
        pub(crate) async fn reload(&mut self) -> __p::Result<()> {
            __p::TypedSession::reload(self).await
        }
        /// The values of all fields.
        #[must_use]
        pub(crate) fn snapshot(&self) -> Cart {
            Cart {
                first_item: self.1.fresh(&self.0),
                limit: self.2.fresh(&self.0),
                items: self.3.fresh(&self.0),
                owner: self.4.fresh(&self.0),
                r#type: self.5.fresh(&self.0),
                buyer: self.6.fresh(&self.0),
                cache: __p::default::<Cache>(),
            }
        }
        /// Sets every field.
        pub(crate) fn replace(&mut self, value: Cart) {
            self.1.set(value.first_item);
            self.2.set(value.limit);
            self.3.set(value.items);
            self.4.set(value.owner);
            self.5.set(value.r#type);
            *self.6.get_mut(&self.0) = value.buyer;
        }
    }
    impl __p::Schema for Cart {
        type Session = CartInUse;
        fn open(core: __p::SessionCore) -> CartInUse {
            CartInUse(
                core,
                __p::Field::new(const {
                    &__p::Spec::<
                        String,
                    >::required::<MessagePack>("cart.firstItem", __p::default::<String>)
                        .reject()
                }),
                __p::Field::new(const {
                    &__p::Spec::<u8>::required::<Bincode>("cart.limit", || Self::LIMIT)
                }),
                __p::Field::new(const {
                    &__p::Spec::<u64>::required::<Bincode>("cart.n", __p::default::<u64>)
                        .merge(__p::merge::sum)
                }),
                __p::Field::new(const {
                    &__p::Spec::<UserId>::optional::<Bincode>("cart.owner")
                        .merge(first::come)
                        .ttl(5400000u64)
                        .sealed()
                }),
                __p::Field::new(const {
                    &__p::Spec::<Kind>::optional::<Bincode>("cart.type")
                }),
                __p::Field::new(const {
                    &__p::Spec::<BuyerId>::optional::<Bincode>("cart.user").principal()
                }),
            )
        }
    }
    impl __p::TypedSession for CartInUse {
        type Schema = Cart;
        const OWNED: __p::bool = true;
        const REJECTS: __p::bool = true;
        const SEALS: __p::bool = true;
        const MERGES: __p::bool = true;
        fn each(&self, visit: &mut dyn __p::FnMut(&dyn __p::AnyField)) {
            visit(&self.1);
            visit(&self.2);
            visit(&self.3);
            visit(&self.4);
            visit(&self.5);
            visit(&self.6);
        }
        fn each_mut(&mut self, visit: &mut dyn __p::FnMut(&mut dyn __p::AnyField)) {
            visit(&mut self.1);
            visit(&mut self.2);
            visit(&mut self.3);
            visit(&mut self.4);
            visit(&mut self.5);
            visit(&mut self.6);
        }
        fn snapshot(&self) -> Cart {
            self.snapshot()
        }
        fn replace(&mut self, value: Cart) {
            self.replace(value);
        }
    }
    impl __p::Deref for CartInUse {
        type Target = __p::SessionCore;
        fn deref(&self) -> &__p::SessionCore {
            &self.0
        }
    }
    impl __p::DerefMut for CartInUse {
        fn deref_mut(&mut self) -> &mut __p::SessionCore {
            &mut self.0
        }
    }
    impl __p::Drop for CartInUse {
        fn drop(&mut self) {
            __p::deposit(self);
        }
    }
    impl __p::Debug for CartInUse {
        fn fmt(&self, f: &mut __p::Formatter<'_>) -> __p::FmtResult {
            __p::debug(self, f)
        }
    }
    __p::extractors!(CartInUse);
};
