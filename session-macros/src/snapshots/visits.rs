/// The typed session of [`Visits`].
struct VisitsSession(
    ::session_runtime::__private::SessionCore,
    ::session_runtime::__private::Field<u32>,
    ::session_runtime::__private::Field<Option<UserId>>,
    ::session_runtime::__private::Field<Vec<Item>>,
);
const _: () = {
    use ::session_runtime::__private as __p;
    impl VisitsSession {
        /// How often the page was seen.
        #[must_use]
        fn hits(&self) -> u32 {
            __p::copied(self.1.get(&self.0))
        }
        /// Lends `hits` to change it in place.
        #[must_use]
        fn hits_mut(&mut self) -> &mut u32 {
            self.1.get_mut(&self.0)
        }
        /// Sets `hits`.
        fn set_hits(&mut self, value: u32) {
            self.1.set(value);
        }
        /// Reads `user`.
        #[must_use]
        fn user(&self) -> __p::Option<&UserId> {
            self.2.get(&self.0).as_ref()
        }
        /// Lends `user` to change it in place.
        #[must_use]
        fn user_mut(&mut self) -> &mut Option<UserId> {
            self.2.get_mut(&self.0)
        }
        /// Sets `user`; `clear_…` makes it `None`, and `*…_mut() = …` takes an `Option`.
        fn set_user(&mut self, value: impl __p::Into<UserId>) {
            self.2.set(__p::Option::Some(__p::Into::into(value)));
        }
        /// Takes `user` out and leaves `None`.
        fn take_user(&mut self) -> Option<UserId> {
            self.2.take(&self.0)
        }
        /// Sets `user` to `None`.
        fn clear_user(&mut self) {
            self.2.set(__p::Option::None);
        }
        /// Reads `cart`.
        #[must_use]
        fn cart(&self) -> &Vec<Item> {
            self.3.get(&self.0)
        }
        /// Lends `cart` to change it in place.
        #[must_use]
        fn cart_mut(&mut self) -> &mut Vec<Item> {
            self.3.get_mut(&self.0)
        }
        /// Sets `cart`.
        fn set_cart(&mut self, value: impl __p::Into<Vec<Item>>) {
            self.3.set(__p::Into::into(value));
        }
        /// Whether this request changed a field.
        #[must_use]
        fn is_modified(&self) -> __p::bool {
            __p::TypedSession::is_modified(self)
        }
        /// The stored names of the fields that this request changed.
        #[must_use]
        fn changed_fields(&self) -> __p::Vec<&'static __p::str> {
            __p::TypedSession::changed_fields(self)
        }
        /// Forgets what this session changed and has not saved.
        fn discard(&mut self) {
            __p::TypedSession::discard(self);
        }
        /// Sets every field of this schema back to its default; the session ends if no other schema has one left.
        fn clear(&mut self) {
            __p::TypedSession::clear(self);
        }
        /// Ends the session, whatever else it holds: a sign-out. What is set afterwards begins a new one.
        fn destroy(&mut self) {
            __p::TypedSession::destroy(self);
        }
        /// Writes the changes now, not at the end of the request.
        ///
        /// # Errors
        /// If a value cannot be serialized, the store fails, others keep committing, or the response's head has left and a
        /// cookie would be needed.
        async fn save(&mut self) -> __p::Result<()> {
            __p::TypedSession::save(self).await
        }
        /// Loads the session again, and forgets the changes of this request.
        ///
        /// # Errors
        /// If the store fails.
        async fn reload(&mut self) -> __p::Result<()> {
            __p::TypedSession::reload(self).await
        }
        /// The values of all fields.
        #[must_use]
        fn snapshot(&self) -> Visits {
            Visits {
                hits: self.1.fresh(&self.0),
                user: self.2.fresh(&self.0),
                cart: self.3.fresh(&self.0),
            }
        }
        /// Sets every field.
        fn replace(&mut self, value: Visits) {
            self.1.set(value.hits);
            self.2.set(value.user);
            self.3.set(value.cart);
        }
    }
    impl __p::Schema for Visits {
        type Session = VisitsSession;
        fn open(core: __p::SessionCore) -> VisitsSession {
            VisitsSession(
                core,
                __p::Field::new(const {
                    &__p::Spec::<u32>::required::<__p::Json>("hits", __p::default::<u32>)
                }),
                __p::Field::new(const {
                    &__p::Spec::<UserId>::optional::<__p::Json>("user")
                }),
                __p::Field::new(const {
                    &__p::Spec::<
                        Vec<Item>,
                    >::required::<__p::Json>("cart", __p::default::<Vec<Item>>)
                }),
            )
        }
    }
    impl __p::TypedSession for VisitsSession {
        type Schema = Visits;
        fn each(&self, visit: &mut dyn __p::FnMut(&dyn __p::AnyField)) {
            visit(&self.1);
            visit(&self.2);
            visit(&self.3);
        }
        fn each_mut(&mut self, visit: &mut dyn __p::FnMut(&mut dyn __p::AnyField)) {
            visit(&mut self.1);
            visit(&mut self.2);
            visit(&mut self.3);
        }
        fn snapshot(&self) -> Visits {
            self.snapshot()
        }
        fn replace(&mut self, value: Visits) {
            self.replace(value);
        }
    }
    impl __p::Deref for VisitsSession {
        type Target = __p::SessionCore;
        fn deref(&self) -> &__p::SessionCore {
            &self.0
        }
    }
    impl __p::DerefMut for VisitsSession {
        fn deref_mut(&mut self) -> &mut __p::SessionCore {
            &mut self.0
        }
    }
    impl __p::Drop for VisitsSession {
        fn drop(&mut self) {
            __p::deposit(self);
        }
    }
    impl __p::Debug for VisitsSession {
        fn fmt(&self, f: &mut __p::Formatter<'_>) -> __p::FmtResult {
            __p::debug(self, f)
        }
    }
    __p::extractors!(VisitsSession);
};
