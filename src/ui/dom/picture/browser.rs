use crate::Error;
use crate::client::platform::{self, Listener};
pub use crate::ui::dom::media::area;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Element, File, HtmlImageElement, HtmlInputElement, ProgressEvent, Url, XmlHttpRequest};

struct Inner {
    file: File,
    url: String,
}

impl Drop for Inner {
    fn drop(&mut self) {
        Url::revoke_object_url(&self.url).ok();
    }
}

/// A file that was chosen. The address that shows it works as long as one of its clones is there.
#[derive(Clone)]
pub struct Picked(Rc<Inner>);

impl PartialEq for Picked {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Picked {
    pub fn url(&self) -> String {
        self.0.url.clone()
    }

    /// In bytes.
    pub fn size(&self) -> u64 {
        self.0.file.size() as u64
    }

    /// What the browser says of its type; without one it may be anything.
    pub fn looks_like_picture(&self) -> bool {
        let mime = self.0.file.type_();
        mime.is_empty() || mime.starts_with("image/")
    }
}

fn by_id<T: JsCast>(id: &str) -> Option<T> {
    platform::document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Opens the browser's own dialog of an input of files.
pub fn choose(id: &str) {
    if let Some(input) = by_id::<HtmlInputElement>(id) {
        input.click();
    }
}

/// The file that was chosen. The input forgets it, so that the same one can be chosen again.
pub fn take(id: &str) -> Option<Picked> {
    let input = by_id::<HtmlInputElement>(id)?;
    let file = input.files().and_then(|files| files.get(0));
    let url = file.as_ref().and_then(|file| Url::create_object_url_with_blob(file).ok());
    input.set_value("");
    Some(Picked(Rc::new(Inner { file: file?, url: url? })))
}

/// Width and height of a picture that is shown, in its own pixels, turned as it is shown.
pub fn natural(id: &str) -> Option<(u32, u32)> {
    let image = by_id::<HtmlImageElement>(id)?;
    Some((image.natural_width(), image.natural_height())).filter(|(width, height)| *width > 0 && *height > 0)
}

/// Lets an element hear of a pointer until it is lifted, wherever it goes.
pub fn hold(id: &str, pointer: i32) {
    if let Some(element) = by_id::<Element>(id) {
        element.set_pointer_capture(pointer).ok();
    }
}

/// Ends the request of an upload that nobody waits for any more.
struct Going(XmlHttpRequest);

impl Drop for Going {
    fn drop(&mut self) {
        self.0.abort().ok();
    }
}

/// Sends a picture to a path of our server. `progress` hears the share that has left, 0 to 1. Dropping the future ends it.
///
/// # Errors
/// [`Error::Offline`] without an answer, the server's error otherwise.
pub async fn put(path: &str, picked: &Picked, mut progress: impl FnMut(f64) + 'static) -> Result<(), Error> {
    let offline = |_: JsValue| Error::Offline;
    // Fetch cannot say how much has left.
    let request = XmlHttpRequest::new().map_err(offline)?;
    request.open_with_async("PUT", path, true).map_err(offline)?;
    request.set_request_header("Content-Type", "application/octet-stream").map_err(offline)?;
    let upward = request.upload().map_err(offline)?;
    let _moved = Listener::new(&upward, "progress", move |event| {
        if let Some(event) = event.dyn_ref::<ProgressEvent>() {
            progress(event.loaded() / event.total().max(1.0));
        }
    });
    let mut listener = None;
    // Whatever its end is.
    let ended = js_sys::Promise::new(&mut |end, _| {
        let end = move |_| drop(end.call0(&JsValue::UNDEFINED));
        listener = Some(Listener::new(&request, "loadend", end));
    });
    let blob: &Blob = &picked.0.file;
    request.send_with_opt_blob(Some(blob)).map_err(offline)?;
    let going = Going(request);
    JsFuture::from(ended).await.map_err(offline)?;
    drop(listener);
    let answer = going.0.response_text().ok().flatten().unwrap_or_default();
    match going.0.status() {
        Ok(200..=299) => Ok(()),
        Ok(0) | Err(_) => Err(Error::Offline),
        Ok(code) => Err(platform::error_of(code, &answer)),
    }
}

/// Has our server take away what is under a path.
///
/// # Errors
/// As of [`put`].
pub async fn delete(path: &str) -> Result<(), Error> {
    platform::delete(path).await.map(|_| ())
}
