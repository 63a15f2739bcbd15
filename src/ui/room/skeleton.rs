//! What a stream looks like before its messages are here.

use dioxus::prelude::*;

/// Width in pixels, lines of text, and whether it is an own one.
const SHAPES: [(u16, u16, bool); 7] = [
    (260, 1, false),
    (340, 3, false),
    (210, 1, true),
    (380, 2, false),
    (300, 2, true),
    (240, 1, false),
    (160, 1, true),
];

#[component]
pub fn StreamSkeleton() -> Element {
    rsx! {
        ol { class: "sk-late", "aria-hidden": "true",
            for (at , (width , lines , is_own)) in SHAPES.into_iter().enumerate() {
                li { class: if is_own { "flex justify-end mt-2.5" } else { "flex mt-2.5" },
                    span {
                        class: if is_own { "sk petal-out max-w-[76%]" } else { "sk petal-in max-w-[76%]" },
                        // As high as a bubble with as many lines.
                        style: "width:{width}px;height:calc({lines} * var(--lh-msg) * var(--chat-scale) + 16px);animation-delay:{at * 80}ms",
                    }
                }
            }
        }
    }
}
