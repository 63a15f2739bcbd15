//! What differs between a browser and everything else: clock, chance, network, page.

/// Milliseconds since 1970 UTC by this machine's clock.
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Milliseconds since 1970 UTC by this machine's clock.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub fn now_ms() -> i64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Only browsers have to fear that nothing ever comes.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub async fn within<T>(_: u32, work: impl Future<Output = T>) -> Option<T> {
    Some(work.await)
}

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub use browser::*;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser {
    use crate::Error;
    use futures_util::future::{Either, select};
    use gloo_timers::future::TimeoutFuture;
    use std::pin::pin;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Document, Event, EventTarget, Headers, HtmlFormElement, Request, RequestInit, Response, Window};

    /// No request of ours takes this long. A network that swallows everything answers nothing for minutes.
    pub const ANSWER_MS: u32 = 15_000;

    /// A random number in `0.0..1.0`, for jitter only.
    pub fn random() -> f64 {
        js_sys::Math::random()
    }

    pub fn window() -> Option<Window> {
        web_sys::window()
    }

    pub fn document() -> Option<Document> {
        window()?.document()
    }

    /// The outcome, if it comes within `ms` milliseconds.
    pub async fn within<T>(ms: u32, work: impl Future<Output = T>) -> Option<T> {
        match select(pin!(work), pin!(TimeoutFuture::new(ms))).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(_) => None,
        }
    }

    /// What the browser says of the network.
    pub fn is_online() -> bool {
        window().is_none_or(|window| window.navigator().on_line())
    }

    pub fn is_visible() -> bool {
        document().is_none_or(|document| !document.hidden())
    }

    /// A listener that is gone when this is dropped.
    pub struct Listener {
        target: EventTarget,
        name: &'static str,
        closure: Closure<dyn FnMut(Event)>,
    }

    impl Listener {
        pub fn new(target: &EventTarget, name: &'static str, on: impl FnMut(Event) + 'static) -> Self {
            let closure = Closure::<dyn FnMut(Event)>::new(on);
            target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()).ok();
            Self { target: target.clone(), name, closure }
        }
    }

    impl Drop for Listener {
        fn drop(&mut self) {
            self.target.remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref()).ok();
        }
    }

    /// Posts JSON to our own server and reads the answer.
    ///
    /// # Errors
    /// [`Error::Offline`] without an answer, the server's error otherwise.
    pub async fn post_json(path: &str, body: &str) -> Result<String, Error> {
        let headers = Headers::new().map_err(|_| Error::Offline)?;
        headers.set("Content-Type", "application/json").map_err(|_| Error::Offline)?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(body));
        request(&Request::new_with_str_and_init(path, &init).map_err(|_| Error::Offline)?).await
    }

    /// Reads a path of our own server.
    ///
    /// # Errors
    /// As [`post_json`].
    pub async fn get(path: &str) -> Result<String, Error> {
        request(&Request::new_with_str(path).map_err(|_| Error::Offline)?).await
    }

    async fn request(request: &Request) -> Result<String, Error> {
        let (response, text) = within(ANSWER_MS, answer(request)).await.unwrap_or(Err(Error::Offline))?;
        if response.ok() {
            return Ok(text);
        }
        Err(error_of(response.status(), &text))
    }

    /// What our server means by an answer that is no success.
    pub fn error_of(code: u16, text: &str) -> Error {
        let data = serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|mut body| Some(body.get_mut("data")?.take()));
        dioxus::prelude::ServerFnError::ServerError { message: String::new(), code, details: data }.into()
    }

    /// Has our server remove what is under a path.
    ///
    /// # Errors
    /// As [`post_json`].
    pub async fn delete(path: &str) -> Result<String, Error> {
        let init = RequestInit::new();
        init.set_method("DELETE");
        request(&Request::new_with_str_and_init(path, &init).map_err(|_| Error::Offline)?).await
    }

    /// A lock of the browser among its tabs, until it is dropped or the page goes.
    pub struct Lock(js_sys::Function);

    impl Drop for Lock {
        fn drop(&mut self) {
            self.0.call0(&JsValue::UNDEFINED).ok();
        }
    }

    /// Takes a lock, unless another tab has it (`Ok(None)`); with `waits`, as soon as no other tab has it any more.
    ///
    /// # Errors
    /// Where the browser has none, as on pages that are not on https.
    pub async fn lock(name: &str, waits: bool) -> Result<Option<Lock>, JsValue> {
        let navigator = window().ok_or(JsValue::NULL)?.navigator();
        let locks = js_sys::Reflect::get(&navigator, &"locks".into())?;
        let request = js_sys::Reflect::get(&locks, &"request".into())?.dyn_into::<js_sys::Function>()?;
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"ifAvailable".into(), &JsValue::from_bool(!waits))?;
        let mut asked = Ok(JsValue::UNDEFINED);
        // Answers with what lets the lock go, or with nothing.
        let answer = js_sys::Promise::new(&mut |tell, _| {
            let held = Closure::once_into_js(move |lock: JsValue| -> JsValue {
                if lock.is_null() {
                    tell.call0(&JsValue::UNDEFINED).ok();
                    return JsValue::UNDEFINED;
                }
                // Held until this promise is kept.
                js_sys::Promise::new(&mut |release, _| {
                    tell.call1(&JsValue::UNDEFINED, &release).ok();
                })
                .into()
            });
            asked = request.call3(&locks, &name.into(), &options, &held);
        });
        asked?;
        Ok(JsFuture::from(answer).await?.dyn_into::<js_sys::Function>().ok().map(Lock))
    }

    /// Has every `fetch` of this page answer when all of the JSON is here, and fail if it breaks off, once for the whole page.
    ///
    /// Dioxus 0.7.10 unwraps the bytes of an answer (DioxusLabs/dioxus#5585): a connection that is cut between the head and
    /// the body, as on leaving the page or in a tunnel, would end the app. Goes with the first version that doesn't.
    pub fn whole_answers() {
        let Some(window) = window() else { return };
        let Ok(fetch) = js_sys::Reflect::get(&window, &"fetch".into()).and_then(JsCast::dyn_into::<js_sys::Function>)
        else {
            return;
        };
        let page = window.clone();
        let whole =
            Closure::<dyn Fn(JsValue, JsValue) -> js_sys::Promise>::new(move |asked: JsValue, init: JsValue| {
                let answer = fetch.call2(&page, &asked, &init);
                wasm_bindgen_futures::future_to_promise(async move {
                    let response: Response = JsFuture::from(js_sys::Promise::from(answer?)).await?.dyn_into()?;
                    if response.headers().get("content-type")?.is_some_and(|kind| kind.starts_with("application/json"))
                    {
                        // The other branch of the stream has all that this one had.
                        JsFuture::from(response.clone()?.array_buffer()?).await?;
                    }
                    Ok(response.into())
                })
            });
        js_sys::Reflect::set(&window, &"fetch".into(), &whole.into_js_value()).ok();
    }

    async fn answer(request: &Request) -> Result<(Response, String), Error> {
        let window = window().ok_or(Error::Offline)?;
        let response = JsFuture::from(window.fetch_with_request(request)).await.map_err(|_| Error::Offline)?;
        let response: Response = response.dyn_into().map_err(|_| Error::Offline)?;
        let text = JsFuture::from(response.text().map_err(|_| Error::Offline)?).await.map_err(|_| Error::Offline)?;
        Ok((response, text.as_string().unwrap_or_default()))
    }

    /// Leaves for another page of ours.
    pub fn go_to(path: &str) {
        if let Some(window) = window() {
            window.location().assign(path).ok();
        }
    }

    /// Posts an empty form, as a click on a submit button would: the answer's cookies and redirect are the browser's to follow.
    pub fn submit_form(action: &str) {
        let Some(document) = document() else { return };
        let form = document.create_element("form").ok().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        if let (Some(form), Some(body)) = (form, document.body()) {
            form.set_method("post");
            form.set_action(action);
            if body.append_child(&form).is_ok() {
                form.submit().ok();
            }
        }
    }
}
