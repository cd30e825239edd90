//! Parameters are read as recorded from the original.

use super::{Params, parse_bool, parse_int};

#[test]
fn form_stands_before_url_and_names_may_repeat() {
    let params = Params::new("query=url&match[]=a&match%5B%5D=b%20c", b"query=form&match[]=z");
    assert_eq!(params.get("query"), "form");
    assert_eq!(params.all("match[]").collect::<Vec<_>>(), ["z", "a", "b c"]);
    assert_eq!(params.get("nope"), "");
}

#[test]
fn broken_parts_are_left_out_and_others_kept() {
    let params = Params::new("query=%zz&a=1;b=2&c=x%2By+z&d=%4", b"");
    assert_eq!(params.get("query"), "");
    assert_eq!(params.get("a"), "");
    assert_eq!(params.get("c"), "x+y z");
    assert_eq!(params.get("d"), "");
}

#[test]
fn whole_numbers_give_go_s_errors() {
    assert_eq!(parse_int("-1"), Ok(-1));
    assert_eq!(parse_int("1.5"), Err("strconv.Atoi: parsing \"1.5\": invalid syntax".to_owned()));
    let large = "99999999999999999999";
    assert_eq!(parse_int(large), Err(format!("strconv.Atoi: parsing \"{large}\": value out of range")));
}

#[test]
fn first_fault_of_a_form_is_told_in_go_s_words() {
    for (query, fault) in [
        ("%zz", "invalid URL escape \"%zz\""),
        ("a=b&c=%4", "invalid URL escape \"%4\""),
        ("a=%abc%", "invalid URL escape \"%\""),
        ("a;b", "invalid semicolon separator in query"),
    ] {
        let error = Params::new(query, b"").check_form().unwrap_err();
        assert_eq!(error.text, format!("error parsing form values: {fault}"), "{query}");
    }
    assert_eq!(Params::new("a=%20&&b", b"").check_form(), Ok(()));
}

#[test]
fn truth_has_go_s_words_for_it() {
    assert_eq!(parse_bool("T"), Ok(true));
    assert_eq!(parse_bool("0"), Ok(false));
    assert_eq!(parse_bool("yes"), Err("strconv.ParseBool: parsing \"yes\": invalid syntax".to_owned()));
}
