#[cfg(feature = "server")]
fn main() -> std::process::ExitCode {
    lavender::server::run()
}

#[cfg(not(feature = "server"))]
fn main() {
    #[cfg(all(feature = "web", target_arch = "wasm32"))]
    lavender::client::platform::whole_answers();
    dioxus::launch(lavender::App);
}
