//! Lines are read as VictoriaMetrics reads them (what a running one stored of the same lines).

use super::{Line, Precision};

/// The samples of a line as text: name and tags, value, time.
fn read(text: &str) -> Result<String, String> {
    let line = match Line::parse(text) {
        Ok(Some(line)) => line,
        Ok(None) => return Ok("nothing".to_owned()),
        Err(error) => return Err(error.to_string()),
    };
    let tags: String = line.tags.iter().map(|(name, value)| format!(",{name}={value}")).collect();
    let fields: Vec<String> = line.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Ok(format!("{}{tags} {} {:?}", line.measurement, fields.join(" "), line.timestamp))
}

#[test]
fn fields_are_numbers() {
    let all = "cpu,host=a,empty= usage=1.5,idle=2i,u=3u,ok=true,bad=f,s=\"x, y\",e=1e3,n=-5i 7";
    assert_eq!(read(all).unwrap(), "cpu,host=a usage=1.5 idle=2 u=3 ok=1 bad=0 s=0 e=1000 n=-5 Some(7)");
    assert_eq!(read("a v=\"12\",w=abc,x=0x10,y=1x").unwrap(), "a v=12 w=0 x=0 y=0 None");
    assert_eq!(read("q v=\"a\\\"b\",w=2\r\n").unwrap(), "q v=0 w=2 None");
}

#[test]
fn escaped_characters_belong_to_the_names() {
    assert_eq!(read(r"esc\ aped\,x,t\ g=v\=1 f\ d=7").unwrap(), "esc aped,x,t g=v=1 f d=7 None");
    assert_eq!(read(r"bs a\b=1").unwrap(), r"bs a\b=1 None");
    assert_eq!(read(",x=y v=1").unwrap(), ",x=y v=1 None");
    assert_eq!(read("sp   v=1   17").unwrap(), "sp v=1 Some(17)");
    assert_eq!(read("# comment").unwrap(), "nothing");
    assert_eq!(read("").unwrap(), "nothing");
}

#[test]
fn what_is_no_line_is_refused_with_the_reason() {
    for (text, reason) in [
        ("no_fields", "cannot find Whitespace I in \"no_fields\""),
        ("tag,a v=1", "missing tag value for \"a\""),
        ("noval v", "missing field value for \"v\""),
        ("comma v=1,", "missing field value for \"\""),
        (" lead v=1", "missing field value for \"lead\""),
        ("empty v=", "cannot parse field value for \"v\": \"\""),
        ("int v=1.5i", "cannot parse field value for \"v\": \"1.5i\""),
        ("time v=1 abc", "cannot parse timestamp \"abc\""),
        ("time v=1 17 x", "cannot parse timestamp \"17 x\""),
        ("time v=1 17.5", "cannot parse timestamp \"17.5\""),
    ] {
        assert_eq!(read(text), Err(reason.to_owned()), "{text}");
    }
}

#[test]
fn times_count_what_is_said_or_what_their_size_suggests() {
    for (name, time) in [
        ("ns", 1_795_278_466_000_000_000),
        ("u", 1_795_278_466_000_000),
        ("ms", 1_795_278_466_000),
        ("s", 1_795_278_466),
    ] {
        assert_eq!(Precision::from_name(name).to_ms(time), 1_795_278_466_000, "{name}");
        assert_eq!(Precision::from_name("").to_ms(time), 1_795_278_466_000, "{name} guessed");
    }
    assert_eq!(Precision::from_name("h").to_ms(498_688), 1_795_276_800_000);
    assert_eq!(Precision::from_name("m").to_ms(1), 60_000);
    assert_eq!(Precision::Seconds.to_ms(i64::MAX), i64::MAX);
}
