//! Parameters are read as recorded from the original.

use super::{Params, parse_int};

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
