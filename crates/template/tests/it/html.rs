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

#[test]
fn scripts_are_read_with_their_texts_expressions_and_comments() {
    lands("<script>x = {{ . }}</script>", "a\"b<'/+\\ü", "<script>x = \"a\\\"b\\u003c'/+\\\\ü\"</script>");
    lands(
        "<script>x = `{{ . }}`</script>",
        "a`${b}",
        "<script>x = `a\\u0060\\u0024\\u007bb\\u007d`</script>",
    );
    lands(
        "<script>z=/{{ . }}/g; i /{{ . }}</script>",
        "a+b/c[d]",
        "<script>z=/a\\u002bb\\/c\\[d\\]/g; i /\"a+b/c[d]\"</script>",
    );
    lands(
        "<script>return /{{ . }}/; i++ /{{ . }}/</script>",
        "",
        "<script>return /(?:)/; i++ /\"\"/</script>",
    );
    lands("<script>/*/ ' */ x = {{ . }}</script>", "1", "<script>  x = \u{22}1\u{22}</script>");
    lands("<script>/* {{ . }} */</script>", "x", "<script>  </script>");
    lands("<script>/* a\nb {{ . }} c */ x // y {{ . }}\nz</script>", "1", "<script>\n  x \nz</script>");
    lands("<p onclick=\"x /* {{ . }} */\">", "a", "<p onclick=\"x /*  */\">");
    lands("<a onclick=\"f({{ . }})\">", "a\"b", "<a onclick=\"f(&#34;a\\&#34;b&#34;)\">");
    lands("<script type=\"module\">{{ . }}</script>", "<", "<script type=\"module\">\"\\u003c\"</script>");
    lands(
        "<script type=\"text/template\">{{ . }}</script>",
        "<",
        "<script type=\"text/template\">&lt;</script>",
    );
    lands("<script type=text/x-foo>{{ . }}</script>", "<", "<script type=text/x-foo>&lt;</script>");
    let list = Value::list("[]interface {}", vec![Value::Int(1), Value::text("a"), Value::Nil]);
    assert_eq!(page("<script>{{ . }}</script>", list), "<script>[1,\"a\",null]</script>");
    assert_eq!(page("<script>{{ . }}</script>", Value::Float(1e30)), "<script> 1e+30 </script>");
}

#[test]
fn styles_are_read_with_their_texts_and_addresses() {
    lands(
        "<style>p{a:\"{{ . }}\"}</style>",
        "a\"b</style>",
        "<style>p{a:\"a\\22 b\\3c\\2fstyle\\3e \"}</style>",
    );
    lands("<style>p{a:url({{ . }})}</style>", "http://a/b c", "<style>p{a:url(http://a/b%20c)}</style>");
    lands("<p style=\"a: url('{{ . }}')\">", "http://a/b", "<p style=\"a: url('http://a/b')\">");
    lands("<p style=\"a: url('{{ . }}')\">", "javascript:x", "<p style=\"a: url('#ZgotmplZ')\">");
    lands("<p style=\"color: {{ . }}\">", "red; x", "<p style=\"color: ZgotmplZ\">");
}

#[test]
fn addresses_are_escaped_once() {
    lands("<a href=\"{{ . }}\">", SPEECH, "<a href=\"cpu%20%3c95%25%3e%20&amp;%20rising%20%22fast%22\">");
    lands("<a href=\"{{ . }}\">", "/a?x=%zz%41", "<a href=\"/a?x=%25zz%41\">");
    lands("<a href=\"/?q={{ . | urlquery }}\">", "a b&c", "<a href=\"/?q=a&#43;b%26c\">");
    lands("<a href=\"{{ . }}{{ . }}\">", "mailto:x", "<a href=\"mailto:xmailto:x\">");
    lands("<a href=\"javascript:f({{ . }})\">", "a, b", "<a href=\"javascript:f(a,%20b)\">");
    lands("<img srcset=\"{{ . }}\">", "http://x 2x, http://y", "<img srcset=\"http://x 2x, http://y\">");
    lands(
        "<img srcset=\"{{ . }}\">",
        "javascript:x 2x, /b 1.5x, c",
        "<img srcset=\"#ZgotmplZ,#ZgotmplZ, c\">",
    );
    lands("<iframe srcdoc=\"{{ . }}\">", "<b>", "<iframe srcdoc=\"&lt;b&gt;\">");
}

#[test]
fn pieces_of_pages_lose_their_tags_where_none_may_be() {
    let html = |text: &str| page(text, Value::Trusted(Trust::Html, "<b>a&amp;\"</b>".into()));
    assert_eq!(html("<p title=\"{{ . }}\">"), "<p title=\"a&amp;&#34;\">");
    assert_eq!(html("<p title={{ . }}>"), "<p title=a&amp;&#34;>");
    assert_eq!(html("<title>{{ . }}</title>"), "<title>&lt;b&gt;a&amp;&#34;&lt;/b&gt;</title>");
    lands("<p title={{ . }}>", "", "<p title=ZgotmplZ>");
    lands("<{{ . }}> a < b </ c", "x", "&lt;x> a &lt; b &lt;/ c");
    lands("<!DOCTYPE html><?x?>{{ . }}", "", "<!DOCTYPE html>&lt;?x?>");
    lands("{{ $x := html . }}{{ $x }}", "<", "&amp;lt;");
}

#[test]
fn pages_end_in_the_text_of_an_element() {
    let fails = |text: &str| {
        let mut templates = Templates::new(MissingKey::Zero, Limits::default());
        templates.parse("t", text, &NoFunctions).unwrap();
        templates.execute_html("t", &Value::text("x"), &NoFunctions).unwrap_err().to_string()
    };
    for text in ["<p", "<p a=\"{{ . }}", "<script>x", "<!-- x", "<p>{{ . }}</p"] {
        assert!(fails(text).contains("ends in a non-text context"), "{text}");
    }
    let error = fails("<p>{{ . | html | printf \"%s\" }}</p>");
    assert!(error.contains("predefined escaper \"html\" disallowed in template"), "{error}");
}
