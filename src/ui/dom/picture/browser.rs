use crate::Error;
use crate::client::platform;
use crate::client::transfer::Put;
use crate::ui::dom::files;
pub use crate::ui::dom::media::area;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlImageElement, Url};

struct Inner {
    file: files::Picked,
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
        self.0.file.size
    }

    /// What the browser says of its type; without one it may be anything.
    pub fn looks_like_picture(&self) -> bool {
        let mime = &self.0.file.mime;
        mime.is_empty() || mime.starts_with("image/")
    }
}

fn by_id<T: JsCast>(id: &str) -> Option<T> {
    platform::document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// The picture that was chosen with an input for files.
pub fn take(id: &str) -> Option<Picked> {
    let file = files::chosen(id).into_iter().next()?;
    let url = Url::create_object_url_with_blob(&file.bytes).ok()?;
    Some(Picked(Rc::new(Inner { file, url })))
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

/// Sends a picture to a path of our server. `progress` hears the share that has left, 0 to 1. Dropping the future ends it.
///
/// # Errors
/// [`Error::Offline`] without an answer, the server's error otherwise.
pub async fn put(path: &str, picked: &Picked, mut progress: impl FnMut(f64) + 'static) -> Result<(), Error> {
    let outcome = Rc::new(Cell::new(None));
    let mut tell = None;
    let ended = js_sys::Promise::new(&mut |end, _| tell = Some(end));
    let answer = outcome.clone();
    let _going = Put::begin(
        path,
        "",
        &picked.0.file.bytes,
        move |sent, all| progress(sent / all.max(1.0)),
        move |result| {
            answer.set(Some(result));
            if let Some(tell) = tell {
                tell.call0(&JsValue::UNDEFINED).ok();
            }
        },
    )
    .ok_or(Error::Offline)?;
    JsFuture::from(ended).await.map_err(|_| Error::Offline)?;
    outcome.take().unwrap_or(Err(Error::Offline)).map(|_| ())
}

/// Has our server take away what is under a path.
///
/// # Errors
/// As of [`put`].
pub async fn delete(path: &str) -> Result<(), Error> {
    platform::delete(path).await.map(|_| ())
}
