pub async fn count<T: Limit>(
    mut visits: Session<Visits>,
    mut argument1: ::session_runtime::__private::Option<Session<Cart>>,
    argument2: Path<u32>,
    login: Session<Login>,
) -> Result<impl IntoResponse, Error> {
    async fn __handler<T: Limit>(
        visits: &mut Session<Visits>,
        _: Option<&mut Session<Cart>>,
        Path(page): Path<u32>,
        login: &Session<Login>,
    ) -> Result<impl IntoResponse + use<T>, Error> {
        #![allow(unused)]
        visits.set_page(page)
    }
    let __response = __handler::<
        T,
    >(
            ::session_runtime::__private::lend_mut::<Session<Visits>>(&mut visits),
            argument1
                .as_mut()
                .map(::session_runtime::__private::lend_mut::<Session<Cart>>),
            argument2,
            ::session_runtime::__private::lend::<Session<Login>>(&login),
        )
        .await;
    ::session_runtime::__private::finish::<Session<Visits>>(&mut visits);
    ::session_runtime::__private::finish_option::<Session<Cart>>(&mut argument1);
    __response
}
