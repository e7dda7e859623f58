//! With the processor's vector instructions, where it has them: a cookie is some 500 characters, both ways.

use std::sync::LazyLock;

use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;

pub(super) static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));
