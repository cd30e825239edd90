//! `title`: words with a capital in front.

/// Words begin with a capital; what follows stays as it is.
pub(crate) fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let characters: Vec<char> = text.chars().collect();
    let (mut inside, mut has_letter) = (false, false);
    for (index, &character) in characters.iter().enumerate() {
        let is_word = character.is_alphanumeric() || character == '_';
        has_letter &= inside;
        // Digits in front do not count: `1st` becomes `1St`.
        if is_word && !has_letter && character.is_alphabetic() {
            push_title(&mut out, character);
            has_letter = true;
        } else {
            out.push(character);
        }
        // An apostrophe or a point between letters belongs to the word.
        let next_is_letter = characters.get(index + 1).is_some_and(|next| next.is_alphabetic());
        let joins = matches!(character, '\'' | '.' | ':' | '\u{b7}' | '\u{2019}') && next_is_letter;
        inside = is_word || inside && joins;
    }
    out
}

fn push_title(out: &mut String, character: char) {
    let title = match character {
        'ǆ' | 'Ǆ' => 'ǅ',
        'ǉ' | 'Ǉ' => 'ǈ',
        'ǌ' | 'Ǌ' => 'ǋ',
        'ǳ' | 'Ǳ' => 'ǲ',
        _ => {
            let mut upper = character.to_uppercase();
            out.extend(upper.next());
            out.extend(upper.flat_map(char::to_lowercase));
            return;
        }
    };
    out.push(title);
}
