//! Linux breaks a connection whose peer does not confirm what it is sent (`TCP_USER_TIMEOUT`, RFC 5482).

use std::time::Duration;

use redis::io::tcp::TcpSettings;

pub(super) fn patient_for(span: Duration) -> TcpSettings {
    TcpSettings::default().set_user_timeout(span)
}
