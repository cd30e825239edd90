//! The escaping form: what the original writes where a value lands (recorded from a real Alertmanager).

use template::{Limits, MissingKey, NoFunctions, Templates, Trust, Value};

fn page(text: &str, data: Value) -> String {
    let mut templates = Templates::new(MissingKey::Zero, Limits::default());
    templates.parse("t", text, &NoFunctions).unwrap();
    templates.execute_html("t", &data, &NoFunctions).unwrap()
}

#[track_caller]
fn lands(text: &str, data: &str, expected: &str) {
    assert_eq!(page(text, Value::text(data)), expected, "{text}");
}

const SPEECH: &str = "cpu <95%> & rising \"fast\"";
const ADDRESS: &str = "https://wiki.example.org/a?b=c&d=e f";

#[test]
fn texts_and_attributes_are_escaped() {
    lands("<p>{{ . }}</p>", "<b>", "<p>&lt;b&gt;</p>");
    lands("<b title='{{ . }}'>", SPEECH, "<b title='cpu &lt;95%&gt; &amp; rising &#34;fast&#34;'>");
    lands("<textarea>{{ . }}</textarea>", "</textarea>", "<textarea>&lt;/textarea&gt;</textarea>");
    lands("{{ . | html }}", "<b>x</b>", "&lt;b&gt;x&lt;/b&gt;");
    lands("{{ printf \"%s\" . }}", "<x>", "&lt;x&gt;");
    lands("<div {{ . }}>", "firing", "<div firing>");
    lands("<div {{ . }}>", "onclick", "<div ZgotmplZ>");
    lands("{{ if . }}<a {{ else }}<b {{ end }}>", "x", "<a >");
    lands("<!-- {{ . }} -->x", "firing", "x");
    assert_eq!(page("{{ . }}", Value::Trusted(Trust::Html, "<b>x</b>".into())), "<b>x</b>");
}

#[test]
fn addresses_keep_what_has_a_meaning_and_run_nothing() {
    lands(
        "<a href=\"{{ . }}\">x</a>",
        "http://prometheus.example.org/graph?g0.expr=up%3D%3D0&g0.tab=1",
        "<a href=\"http://prometheus.example.org/graph?g0.expr=up%3D%3D0&amp;g0.tab=1\">x</a>",
    );
    lands(
        "<a href=\"{{ . }}\">x</a>",
        ADDRESS,
        "<a href=\"https://wiki.example.org/a?b=c&amp;d=e%20f\">x</a>",
    );
    lands(
        "<a href=\"/x?q={{ . }}\">x</a>",
        ADDRESS,
        "<a href=\"/x?q=https%3a%2f%2fwiki.example.org%2fa%3fb%3dc%26d%3de%20f\">x</a>",
    );
    lands("<a href=\"{{ . }}\">", "javascript:alert(1)", "<a href=\"#ZgotmplZ\">");
    lands("<a href=\"javascript:{{ . }}\">", "firing", "<a href=\"javascript:firing\">");
    let trusted = Value::Trusted(Trust::Url, "javascript:x".into());
    assert_eq!(page("<a href=\"{{ . }}\">", trusted), "<a href=\"javascript:x\">");
}

#[test]
fn scripts_and_styles_get_values() {
    let quoted = "cpu \\u003c95%\\u003e \\u0026 rising \\u0022fast\\u0022";
    lands(
        "<script>var x = \"{{ . }}\";</script>",
        SPEECH,
        &format!("<script>var x = \"{quoted}\";</script>"),
    );
    lands("<script>var x = {{ . }};</script>", "a=b", "<script>var x = \"a=b\";</script>");
    lands("<p style=\"color: {{ . }}\">", "red", "<p style=\"color: red\">");
    lands("<style>{{ . }}</style>", "a{b:url(x)}", "<style>ZgotmplZ</style>");
}
