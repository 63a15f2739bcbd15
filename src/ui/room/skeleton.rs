//! What a stream looks like before its messages are here.

use dioxus::prelude::*;

/// Width and height in pixels, and whether it is an own one.
const SHAPES: [(u16, u16, bool); 7] = [
    (260, 44, false),
    (340, 86, false),
    (210, 44, true),
    (380, 64, false),
    (300, 64, true),
    (240, 44, false),
    (160, 44, true),
];

#[component]
pub fn StreamSkeleton() -> Element {
    rsx! {
        ol { class: "sk-late", "aria-hidden": "true",
            for (at , (width , height , is_own)) in SHAPES.into_iter().enumerate() {
                li { class: if is_own { "flex justify-end mt-2.5" } else { "flex mt-2.5" },
                    span {
                        class: if is_own { "sk petal-out max-w-[76%]" } else { "sk petal-in max-w-[76%]" },
                        style: "width:{width}px;height:{height}px;animation-delay:{at * 80}ms",
                    }
                }
            }
        }
    }
}
