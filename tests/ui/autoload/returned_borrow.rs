use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    page: String,
}

#[session(autoload)]
async fn page(visits: &Session<Visits>) -> &str {
    visits.page()
}

#[session(autoload)]
async fn changed_page(visits: &mut Session<Visits>) -> std::borrow::Cow<'_, str> {
    visits.page().into()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(page).post(changed_page));
}
