//! The servers that tests share, and what is left of them: nothing.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::support::{listens, until};

/// What names servers that are not to be started.
const GIVEN: [&str; 6] =
    ["REDIS_URL", "REDIS_TLS_URL", "REDIS_CLUSTER_URLS", "REDIS_SENTINEL_URLS", "POSTGRES_URL", "MYSQL_URL"];

#[test]
fn one_server_of_each_kind_is_provided() {
    let (mut holder, lines) = holder(&GIVEN, 8);
    let names: Vec<&str> = lines.iter().map(|line| line.split_once('=').unwrap().0).collect();
    holder.kill().unwrap();
    holder.wait().unwrap();
    let redis = ["REDIS_URL", "REDIS_TLS_URL", "REDIS_CLUSTER_URLS", "REDIS_SENTINEL_URLS", "REDIS_SENTINEL_MASTER"];
    assert_eq!(names, [&redis[..], &["POSTGRES_URL", "MYSQL_URL", "SSL_CERT_FILE"]].concat());
    until(|| directories_of(holder.id()).is_empty());
}

#[test]
fn a_server_is_gone_when_the_process_that_started_it_is_killed() {
    let started = ["REDIS_URL", "POSTGRES_URL", "MYSQL_URL"];
    let (mut holder, urls) = holder(&started, started.len());
    let ports: Vec<u16> = urls.iter().map(|url| port(url)).collect();
    let directories = directories_of(holder.id());
    // Those with data have a template each.
    assert_eq!(directories.len(), started.len() + 2);
    assert!(ports.iter().all(|&port| listens(port)));
    let processes = processes_in(&directories);
    assert!(processes.len() >= started.len() && has_shared_memory(&processes));

    holder.kill().unwrap();
    holder.wait().unwrap();
    until(|| !ports.iter().any(|&port| listens(port)) && directories_of(holder.id()).is_empty());
    until(|| processes_in(&directories).is_empty() && !has_shared_memory(&processes));
}

/// The program that starts what is not given, says where, and goes on; and so many lines of what it says. Only these are not given.
fn holder(started: &[&str], lines: usize) -> (Child, Vec<String>) {
    let mut holder = Command::new(env!("CARGO_BIN_EXE_session-servers"));
    for variable in GIVEN {
        if started.contains(&variable) {
            holder.env_remove(variable);
        } else {
            holder.env(variable, "somebody else's");
        }
    }
    let mut holder = holder.stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(holder.stdout.take().unwrap()).lines();
    (holder, said.take(lines).map(Result::unwrap).collect())
}

/// The port in `REDIS_URL='redis://127.0.0.1:20000'`.
fn port(url: &str) -> u16 {
    let (_, port) = url.split_once("127.0.0.1:").unwrap();
    port.split(['/', '\'']).next().unwrap().parse().unwrap()
}

/// The directories of the servers of a process.
fn directories_of(process: u32) -> Vec<PathBuf> {
    let start = format!("session-servers-{process}-");
    let entries = fs::read_dir(env::temp_dir()).unwrap().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&start)).map(|entry| entry.path()).collect()
}

/// The ids of the processes that run in one of these directories, which may be gone.
fn processes_in(directories: &[PathBuf]) -> Vec<String> {
    let is_in = |process: &Path| {
        let path = fs::read_link(process.join("cwd")).unwrap_or_default();
        directories.iter().any(|directory| path.to_string_lossy().starts_with(&*directory.to_string_lossy()))
    };
    let processes = fs::read_dir("/proc").unwrap().flatten().filter(|entry| is_in(&entry.path()));
    processes.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Whether there is memory that one of these processes made for others.
fn has_shared_memory(processes: &[String]) -> bool {
    let segments = fs::read_to_string("/proc/sysvipc/shm").unwrap();
    let mut makers = segments.lines().filter_map(|segment| segment.split_whitespace().nth(4));
    makers.any(|maker| processes.iter().any(|process| process == maker))
}
