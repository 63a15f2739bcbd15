fn main() {
    #[cfg(feature = "server")]
    lavender::server::run();
    #[cfg(not(feature = "server"))]
    dioxus::launch(lavender::App);
}
