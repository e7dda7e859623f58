//! PostgreSQL and MariaDB servers.

use std::thread;

use session_servers::{MariaDb, Postgres};

use crate::support::listens;

#[test]
fn postgres_answers_as_soon_as_it_is_started() {
    let postgres = Postgres::start().unwrap();
    assert_eq!(postgres.url(), format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port()));
    assert!(listens(postgres.port()));
    assert_eq!(postgres.sql("SELECT 7, 'Ada' UNION SELECT 8, 'Grace' ORDER BY 1").unwrap(), "7\tAda\n8\tGrace");
    assert!(postgres.sql("SELECT nothing").unwrap_err().to_string().contains(r#"column "nothing" does not exist"#));
}

#[test]
fn mariadb_answers_as_soon_as_it_is_started() {
    let mariadb = MariaDb::start().unwrap();
    assert_eq!(mariadb.url(), format!("mysql://root@127.0.0.1:{}/test", mariadb.port()));
    assert!(listens(mariadb.port()));
    assert_eq!(mariadb.sql("SELECT 7, 'Ada' UNION SELECT 8, 'Grace' ORDER BY 1").unwrap(), "7\tAda\n8\tGrace");
    assert!(mariadb.sql("SELECT nothing").unwrap_err().to_string().contains("Unknown column 'nothing'"));
}

#[test]
fn databases_are_made_once() {
    let (postgres, mariadb) = (Postgres::start().unwrap(), MariaDb::start().unwrap());
    assert_eq!(postgres.database("shop").unwrap(), format!("postgres://postgres@127.0.0.1:{}/shop", postgres.port()));
    assert_eq!(mariadb.database("shop").unwrap(), format!("mysql://root@127.0.0.1:{}/shop", mariadb.port()));
    assert!(postgres.database("shop").unwrap_err().to_string().contains("already exists"));
    assert!(mariadb.database("shop").unwrap_err().to_string().contains("database exists"));
}

#[test]
fn settings_reach_the_server_and_what_is_wrong_with_them_reaches_the_test() {
    let postgres = Postgres::with(&["timezone=Asia/Tokyo", "fsync=on"]).unwrap();
    assert_eq!(postgres.sql("SHOW timezone").unwrap(), "Asia/Tokyo");
    assert_eq!(postgres.sql("SHOW fsync").unwrap(), "on");
    let error = Postgres::with(&["work_mem=plenty"]).unwrap_err();
    assert!(error.to_string().contains(r#"invalid value for parameter "work_mem""#), "{error}");

    let mariadb = MariaDb::with(&["default-time-zone=Asia/Tokyo", "innodb-doublewrite=1"]).unwrap();
    assert_eq!(mariadb.sql("SELECT @@time_zone, @@innodb_doublewrite").unwrap(), "Asia/Tokyo\t1");
    let error = MariaDb::with(&["default-storage-engine=paper"]).unwrap_err();
    assert!(error.to_string().contains("Unknown/unsupported storage engine: paper"), "{error}");
}

#[test]
fn mariadb_knows_time_zones() {
    let mariadb = MariaDb::start().unwrap();
    for (zone, hour) in [("America/New_York", 8), ("Asia/Tokyo", 21)] {
        let converted = format!("SELECT hour(convert_tz('2026-03-08 12:00', '+00:00', '{zone}'))");
        assert_eq!(mariadb.sql(&converted).unwrap(), hour.to_string());
    }
}

#[test]
fn what_was_committed_is_there_after_a_kill() {
    let create = "CREATE TABLE visits (hits INTEGER)";
    let postgres = Postgres::durable().unwrap();
    let (url, port) = (postgres.url(), postgres.port());
    postgres.sql(create).unwrap();
    for hits in 1..=3 {
        postgres.sql(&format!("INSERT INTO visits VALUES ({hits})")).unwrap();
        postgres.kill().unwrap();
        assert!(!listens(port));
        postgres.restart().unwrap();
    }
    assert_eq!((postgres.url(), postgres.sql("SELECT sum(hits) FROM visits").unwrap()), (url, "6".to_owned()));

    let mariadb = MariaDb::durable().unwrap();
    let (url, port) = (mariadb.url(), mariadb.port());
    mariadb.sql(create).unwrap();
    for hits in 1..=3 {
        mariadb.sql(&format!("INSERT INTO visits VALUES ({hits})")).unwrap();
        mariadb.kill().unwrap();
        assert!(!listens(port));
        mariadb.restart().unwrap();
    }
    assert_eq!((mariadb.url(), mariadb.sql("SELECT sum(hits) FROM visits").unwrap()), (url, "6".to_owned()));
}

#[test]
fn a_server_that_is_paused_answers_when_it_goes_on() {
    let (postgres, mariadb) = (Postgres::start().unwrap(), MariaDb::start().unwrap());
    thread::scope(|scope| {
        postgres.pause().unwrap();
        mariadb.pause().unwrap();
        let asked = [scope.spawn(|| postgres.sql("SELECT 7")), scope.spawn(|| mariadb.sql("SELECT 7"))];
        // Their system takes the connections, they do not.
        assert!(listens(postgres.port()) && listens(mariadb.port()));
        assert!(asked.iter().all(|asked| !asked.is_finished()));
        postgres.resume().unwrap();
        mariadb.resume().unwrap();
        for asked in asked {
            assert_eq!(asked.join().unwrap().unwrap(), "7");
        }
    });
}
