#[cfg(feature = "server")]
fn main() -> std::process::ExitCode {
    lavender::server::run()
}

#[cfg(not(feature = "server"))]
fn main() {
    dioxus::launch(lavender::App);
}
