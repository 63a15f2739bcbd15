//! Reads objects that say first what they are, `{"type": "typing", "on": true}`, as they come.
//!
//! serde's own reading of such enums holds the object back until it has found the tag, and then reads it again from what it
//! held: all that may be in it is compiled a second time, and with a tag within a tag a third time. In a page that is a good
//! part of what a start waits for. What Lavender writes has its tag first; what has not is refused.

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, IntoDeserializer, MapAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::fmt;
use std::marker::PhantomData;

/// The key that has to come first.
pub const TAG: &str = "type";

/// An enum with an inner tag, once for writing and once for reading: `tag_first! { "Name" NameAsRead pub enum Name { … } }`.
macro_rules! tag_first {
    ($name:tt $shadow:ident $(#[$meta:meta])* pub enum $this:ident $body:tt) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug, serde::Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum $this $body

        #[derive(serde::Deserialize)]
        #[serde(remote = $name, rename_all = "snake_case")]
        #[allow(dead_code, clippy::large_enum_variant, reason = "a form to read by, never a value")]
        enum $shadow $body

        impl<'de> serde::Deserialize<'de> for $this {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                $shadow::deserialize($crate::live::tag_first::TagFirst(deserializer))
            }
        }
    };
}
pub(super) use tag_first;

/// Gives an enum that is written with an inner tag to one that is read with an outer tag.
pub struct TagFirst<D>(pub D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for TagFirst<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Tagged(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Tagged<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Tagged<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object that begins with \"{TAG}\"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        if map.next_key::<IsTag>()?.is_none_or(|IsTag(is_tag)| !is_tag) {
            return Err(A::Error::missing_field(TAG));
        }
        let name = map.next_value::<String>()?;
        self.0.visit_enum(Named { name, rest: map, of: PhantomData })
    }
}

/// Whether a key is [`TAG`].
struct IsTag(bool);

impl<'de> Deserialize<'de> for IsTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Key;

        impl Visitor<'_> for Key {
            type Value = IsTag;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }

            fn visit_str<E>(self, key: &str) -> Result<IsTag, E> {
                Ok(IsTag(key == TAG))
            }
        }
        deserializer.deserialize_identifier(Key)
    }
}

/// A variant, and what is behind its tag.
struct Named<'de, A> {
    name: String,
    rest: A,
    of: PhantomData<&'de ()>,
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Named<'de, A> {
    type Error = A::Error;
    type Variant = Rest<A>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Rest<A>), A::Error> {
        let value = seed.deserialize(self.name.into_deserializer())?;
        Ok((value, Rest(self.rest)))
    }
}

struct Rest<A>(A);

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Rest<A> {
    type Error = A::Error;

    /// With fields it is one of a newer server.
    fn unit_variant(mut self) -> Result<(), A::Error> {
        while self.0.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        seed.deserialize(MapAccessDeserializer::new(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, A::Error> {
        Err(A::Error::invalid_type(serde::de::Unexpected::Map, &visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::id::{RoomId, UserId};
    use crate::live::{LiveEvent, ServerFrame};

    fn read(text: &str) -> Result<ServerFrame, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn frames_are_read_as_they_are_written() {
        let event = LiveEvent::Typing { room_id: RoomId::new(), user_id: UserId::new(), on: true };
        for frame in [
            ServerFrame::Event { event },
            ServerFrame::Event { event: LiveEvent::RoomGone { room_id: RoomId::new() } },
            ServerFrame::Done { id: 7 },
            ServerFrame::Refused { id: None, error: crate::Error::Muted { until: 5 } },
            ServerFrame::Pong,
        ] {
            let text = serde_json::to_string(&frame).expect("plain data");
            assert!(text.starts_with("{\"type\":\""), "{text}");
            assert_eq!(read(&text).expect("readable"), frame);
            assert_eq!(serde_json::from_slice::<ServerFrame>(text.as_bytes()).expect("readable"), frame);
        }
    }

    #[test]
    fn what_a_newer_server_says_is_passed_over() {
        let of_now = [
            (r#"{"type":"later","of":{"a":[1,{"type":"x"}]},"on":true}"#, ServerFrame::Unknown),
            (
                r#"{"type":"event","event":{"type":"later","of":[{}]},"new":1}"#,
                ServerFrame::Event { event: LiveEvent::Unknown },
            ),
            (r#"{"type":"pong","new":{"type":"done"}}"#, ServerFrame::Pong),
            (r#" { "type" : "done" , "id" : 3 , "new" : null } "#, ServerFrame::Done { id: 3 }),
        ];
        for (text, frame) in of_now {
            assert_eq!(read(text).expect(text), frame, "{text}");
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for text in [
            "",
            "null",
            "7",
            "\"pong\"",
            "[]",
            "{}",
            r#"{"id":3,"type":"done"}"#,
            r#"{"type":3}"#,
            r#"{"type":"done"}"#,
            r#"{"type":"done","id":"3"}"#,
            r#"{"type":"event","event":{"type":"typing"}}"#,
            r#"{"type":"event","event":null}"#,
            r#"{"type":"pong""#,
            r#"{"type":"pong"}{}"#,
            r#"{"type":"later","of":}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
