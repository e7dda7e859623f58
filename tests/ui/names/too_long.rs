use session_runtime::Session;

#[derive(Session)]
struct Visits {
    #[session(rename = "visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_visits_of_this_page_")]
    hits: u32,
}

fn main() {}
